//! Blocks of a pack stacked along one axis, and the stack cut into crossbars wherever they are full.

use std::ops::Range;

/// Equal items one after the other along an axis, cut after every so many lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stack {
    /// Rows (or weight columns) of one item.
    pub item: usize,
    /// Lines after which the stack is cut.
    pub length: usize,
}

/// Which axis of a pack is stacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stacked {
    /// Rows; every crossbar takes all columns of a lane.
    Rows(Stack),
    /// Weight columns; every crossbar takes all rows of a lane.
    Columns(Stack),
}

impl Stacked {
    /// The stack.
    pub(super) const fn stack(self) -> Stack {
        match self {
            Self::Rows(stack) | Self::Columns(stack) => stack,
        }
    }
}

impl Stack {
    /// Crossbars that a stack of so many items takes.
    pub(super) const fn crossbars(&self, items: usize) -> usize {
        (items * self.item).div_ceil(self.length)
    }

    /// The lines of one crossbar.
    pub(super) fn lines(&self, items: usize, crossbar: usize) -> Range<usize> {
        crossbar * self.length..((crossbar + 1) * self.length).min(items * self.item)
    }

    /// The items one crossbar meets, each with the lines of the item that it holds.
    pub(super) fn pieces(&self, items: usize, crossbar: usize) -> impl Iterator<Item = (usize, Range<usize>)> + use<> {
        let (lines, item) = (self.lines(items, crossbar), self.item);
        (lines.start / item..lines.end.div_ceil(item)).map(move |number| {
            let first = number * item;
            (number, lines.start.max(first) - first..lines.end.min(first + item) - first)
        })
    }

    /// Items one crossbar meets.
    pub(super) fn met(&self, items: usize, crossbar: usize) -> usize {
        let lines = self.lines(items, crossbar);
        lines.end.div_ceil(self.item) - lines.start / self.item
    }

    /// Pieces of all crossbars together: every cut that does not fall between two items makes one more.
    pub(super) const fn all_pieces(&self, items: usize) -> usize {
        let cuts = self.crossbars(items) - 1;
        items + cuts - cuts / self.crossbars_to_realign()
    }

    /// Pieces of the first `few` items of every `each` items.
    pub(super) fn pieces_of_first(&self, items: usize, each: usize, few: usize) -> usize {
        if few == 0 {
            return 0;
        }
        let inside = |cut: &usize| !(cut * self.length).is_multiple_of(self.item);
        let cuts = (1..self.crossbars(items)).filter(inside).map(|cut| cut * self.length / self.item);
        items / each * few + cuts.filter(|item| item % each < few).count()
    }

    /// The most items a crossbar meets.
    pub(super) fn most_met(&self, items: usize) -> usize {
        let crossbars = self.crossbars(items);
        // The last crossbar may be short, so one more than a period is looked at.
        let looked_at = crossbars.min(self.crossbars_to_realign() + 1);
        let most = self.most_met_anywhere();
        let mut found = self.met(items, crossbars - 1);
        for crossbar in 0..looked_at {
            found = found.max(self.met(items, crossbar));
            if found == most {
                break;
            }
        }
        found
    }

    /// No crossbar of any stack meets more items.
    pub(super) const fn most_met_anywhere(&self) -> usize {
        // A crossbar that begins with the last line of an item meets the most.
        (self.length + self.item - 1).div_ceil(self.item)
    }

    /// The most items a stack may have such that no crossbar meets more than `limit`.
    ///
    /// A crossbar holds `whole` items and a part; the parts grow until a crossbar ends inside an item more. `None` if there is no
    /// end to it, `Some(0)` if not even one item can be stacked.
    pub(super) const fn most_items(&self, limit: usize) -> Option<usize> {
        if limit >= self.most_met_anywhere() {
            return None;
        }
        let whole = self.length / self.item;
        if limit <= whole {
            return Some(limit);
        }
        // Now limit = whole + 1, and the lines left beside whole items are not 0.
        let crossbars = self.item.div_ceil(self.length % self.item);
        Some(whole * crossbars + 1)
    }

    /// Crossbars after which cuts and items begin together again.
    const fn crossbars_to_realign(&self) -> usize {
        self.item / crate::partition::greatest_common_divisor(self.item, self.length)
    }
}
