//! Best-fit packing of rectangles with maximal free rectangles (Jylänki 2010, "MaxRects, best short side fit").

use std::cmp::Reverse;

/// Rows × columns of cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rectangle {
    /// Height in rows.
    pub rows: usize,
    /// Width in columns.
    pub columns: usize,
}

/// Where a rectangle lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Which bin.
    pub bin: usize,
    /// First row.
    pub row: usize,
    /// First column.
    pub column: usize,
}

#[derive(Clone, Copy, Debug)]
struct Free {
    row: usize,
    column: usize,
    size: Rectangle,
}

/// Packs rectangles, none larger than `bin`, without rotation; returns where each lies and how many bins are used.
///
/// # Panics
/// If a rectangle is larger than the bin.
pub fn pack(rectangles: &[Rectangle], bin: Rectangle) -> (Vec<Place>, usize) {
    let mut order: Vec<usize> = (0..rectangles.len()).collect();
    order.sort_by_key(|&i| {
        let Rectangle { rows, columns } = rectangles[i];
        (Reverse(rows.max(columns)), Reverse(rows * columns), i)
    });
    let mut places = vec![Place::default(); rectangles.len()];
    let mut open: Vec<(usize, Vec<Free>)> = Vec::new();
    let mut bins = 0;
    for (position, &i) in order.iter().enumerate() {
        let wanted = rectangles[i];
        assert!(fits(wanted, bin), "{wanted:?} is larger than the crossbar");
        let best = open.iter().enumerate().filter_map(|(at, (_, free))| Some((best_fit(wanted, free)?, at))).min();
        let at = match best {
            Some((_, at)) => at,
            None => {
                open.push((bins, vec![Free { row: 0, column: 0, size: bin }]));
                bins += 1;
                open.len() - 1
            }
        };
        let (bin, free) = &mut open[at];
        let (_, chosen) = best_fit(wanted, free).expect("a new bin is free, and the best fit fits");
        let corner = free[chosen];
        places[i] = Place { bin: *bin, row: corner.row, column: corner.column };
        *free = cut(free, Free { size: wanted, ..corner });
        // A bin without room for any of the rectangles to come is never looked at again.
        if position % 64 == 0 {
            let rest = &order[position + 1..];
            let least =
                |side: fn(&Rectangle) -> usize| rest.iter().map(|&i| side(&rectangles[i])).min().unwrap_or(usize::MAX);
            let smallest = Rectangle { rows: least(|r| r.rows), columns: least(|r| r.columns) };
            open.retain(|(_, free)| free.iter().any(|free| fits(smallest, free.size)));
        }
    }
    (places, bins)
}

const fn fits(wanted: Rectangle, free: Rectangle) -> bool {
    wanted.rows <= free.rows && wanted.columns <= free.columns
}

/// The free rectangle with the least room left on its tighter side, then on the other, then the first; with its place.
fn best_fit(wanted: Rectangle, free: &[Free]) -> Option<((usize, usize), usize)> {
    let room = |(at, free): (usize, &Free)| {
        let left = [free.size.rows - wanted.rows, free.size.columns - wanted.columns];
        ((left[0].min(left[1]), left[0].max(left[1])), at)
    };
    free.iter().enumerate().filter(|(_, free)| fits(wanted, free.size)).map(room).min()
}

/// The maximal free rectangles left after `taken` is filled.
fn cut(free: &[Free], taken: Free) -> Vec<Free> {
    let mut rest = Vec::with_capacity(free.len() + 2);
    let (end_row, end_column) = (taken.row + taken.size.rows, taken.column + taken.size.columns);
    for &old in free {
        let (old_end_row, old_end_column) = (old.row + old.size.rows, old.column + old.size.columns);
        let apart = old_end_row <= taken.row
            || end_row <= old.row
            || old_end_column <= taken.column
            || end_column <= old.column;
        if apart {
            rest.push(old);
            continue;
        }
        let mut keep = |row: usize, column: usize, rows: usize, columns: usize| {
            if rows > 0 && columns > 0 {
                rest.push(Free { row, column, size: Rectangle { rows, columns } });
            }
        };
        keep(old.row, old.column, taken.row.saturating_sub(old.row), old.size.columns);
        keep(end_row, old.column, old_end_row.saturating_sub(end_row), old.size.columns);
        keep(old.row, old.column, old.size.rows, taken.column.saturating_sub(old.column));
        keep(old.row, end_column, old.size.rows, old_end_column.saturating_sub(end_column));
    }
    let inside = |a: &Free, b: &Free| {
        a.row >= b.row
            && a.column >= b.column
            && a.row + a.size.rows <= b.row + b.size.rows
            && a.column + a.size.columns <= b.column + b.size.columns
    };
    let maximal = |(at, a): (usize, &Free)| {
        !rest.iter().enumerate().any(|(other, b)| other != at && inside(a, b) && (!inside(b, a) || other < at))
    };
    rest.iter().enumerate().filter(|&(at, a)| maximal((at, a))).map(|(_, &a)| a).collect()
}
