//! Typed access to a node's attributes. Every attribute of a node must be asked for, or the import fails: an attribute nobody
//! read is one whose meaning was ignored.

use crate::error::Problem;
use crate::printable::{printable, shortened};
use rten_onnx::onnx::{AttributeProto, AttributeType, GraphProto, TensorProto};
use std::cell::RefCell;
use std::fmt::Display;
use std::rc::Rc;

/// The attributes of one node; clones share what has been asked for.
#[derive(Clone)]
pub(crate) struct Attributes<'a> {
    node: String,
    operator: String,
    list: &'a [AttributeProto],
    asked: Rc<RefCell<Vec<&'static str>>>,
}

impl<'a> Attributes<'a> {
    pub(crate) fn new(node: String, operator: String, list: &'a [AttributeProto]) -> Self {
        Self { node, operator, list, asked: Rc::default() }
    }

    pub(crate) fn int(&self, name: &'static str, default: i64) -> Result<i64, Problem> {
        self.find(name, AttributeType::INT)?.map_or(Ok(default), |found| Ok(found.i.unwrap_or(0)))
    }

    pub(crate) fn float(&self, name: &'static str, default: f32) -> Result<f32, Problem> {
        let Some(found) = self.find(name, AttributeType::FLOAT)? else { return Ok(default) };
        let value = found.f.unwrap_or(0.0);
        if value.is_finite() { Ok(value) } else { Err(self.unsupported(name, value, "give a finite number")) }
    }

    pub(crate) fn ints(&self, name: &'static str) -> Result<Option<&'a [i64]>, Problem> {
        Ok(self.find(name, AttributeType::INTS)?.map(|found| found.ints.as_slice()))
    }

    pub(crate) fn floats(&self, name: &'static str) -> Result<Option<&'a [f32]>, Problem> {
        Ok(self.find(name, AttributeType::FLOATS)?.map(|found| found.floats.as_slice()))
    }

    pub(crate) fn string(&self, name: &'static str, default: &'static str) -> Result<&'a str, Problem> {
        Ok(self.find(name, AttributeType::STRING)?.map_or(default, |found| found.s.as_deref().unwrap_or("")))
    }

    pub(crate) fn strings(&self, name: &'static str) -> Result<Option<&'a [String]>, Problem> {
        Ok(self.find(name, AttributeType::STRINGS)?.map(|found| found.strings.as_slice()))
    }

    pub(crate) fn graph(&self, name: &'static str) -> Result<Option<&'a GraphProto>, Problem> {
        Ok(self.find(name, AttributeType::GRAPH)?.and_then(|found| found.g.as_ref()))
    }

    pub(crate) fn tensor(&self, name: &'static str) -> Result<Option<&'a TensorProto>, Problem> {
        Ok(self.find(name, AttributeType::TENSOR)?.and_then(|found| found.t.as_ref()))
    }

    /// Whether the attribute is there at all.
    pub(crate) fn has(&self, name: &'static str) -> bool {
        self.list.iter().any(|attribute| attribute.name.as_deref() == Some(name))
    }

    /// Asks for an integer that may have this one value only.
    pub(crate) fn only_int(&self, name: &'static str, allowed: i64) -> Result<(), Problem> {
        let found = self.int(name, allowed)?;
        if found == allowed { Ok(()) } else { Err(self.unsupported(name, found, &format!("{allowed} is allowed"))) }
    }

    /// Asks for a flag.
    pub(crate) fn flag(&self, name: &'static str, default: bool) -> Result<bool, Problem> {
        match self.int(name, default.into())? {
            0 => Ok(false),
            1 => Ok(true),
            found => Err(self.unsupported(name, found, "0 and 1 are allowed")),
        }
    }

    /// Asks for attributes that say nothing about inference.
    pub(crate) fn ignore(&self, names: &[&'static str]) {
        self.asked.borrow_mut().extend(names);
    }

    /// Fails if there is an attribute nobody asked for.
    pub(crate) fn finish(&self) -> Result<(), Problem> {
        let asked = self.asked.borrow();
        let unread = |attribute: &&AttributeProto| !asked.contains(&attribute.name.as_deref().unwrap_or(""));
        let Some(attribute) = self.list.iter().find(unread) else { return Ok(()) };
        let allowed = match asked.as_slice() {
            [] => "no attribute is supported here".into(),
            names => format!("the supported attributes are {}", names.join(", ")),
        };
        Err(self.unsupported(attribute.name.as_deref().unwrap_or(""), show(attribute), &allowed))
    }

    pub(crate) fn unsupported(&self, attribute: &str, found: impl Display, allowed: &str) -> Problem {
        Problem::Attribute {
            node: self.node.clone(),
            operator: self.operator.clone(),
            attribute: printable(attribute),
            found: shortened(&printable(&found.to_string())),
            allowed: allowed.into(),
        }
    }

    fn find(&self, name: &'static str, wanted: AttributeType) -> Result<Option<&'a AttributeProto>, Problem> {
        self.ignore(&[name]);
        let Some(found) = self.list.iter().find(|attribute| attribute.name.as_deref() == Some(name)) else {
            return Ok(None);
        };
        match found.r#type {
            // Models older than IR version 2 do not say the type.
            None => Ok(Some(found)),
            Some(kind) if kind == wanted => Ok(Some(found)),
            Some(_) => Err(self.unsupported(name, show(found), &format!("{} is allowed", type_name(wanted)))),
        }
    }
}

fn type_name(kind: AttributeType) -> &'static str {
    const NAMES: [&str; 9] = [
        "undefined",
        "a float",
        "an integer",
        "a string",
        "a tensor",
        "a graph",
        "a list of floats",
        "a list of integers",
        "a list of strings",
    ];
    usize::try_from(kind.0).ok().and_then(|kind| NAMES.get(kind)).unwrap_or(&"a value of unknown type")
}

fn show(attribute: &AttributeProto) -> String {
    let AttributeProto { i, f, s, ints, floats, .. } = attribute;
    match (i, f, s) {
        (Some(i), ..) => i.to_string(),
        (_, Some(f), _) => f.to_string(),
        (.., Some(s)) => format!("{s:?}"),
        // Debug output of millions of numbers would be built only to be cut.
        _ if ints.len() > 64 => format!("{} integers, the first of them {:?}", ints.len(), &ints[..8]),
        _ if floats.len() > 64 => format!("{} floats, the first of them {:?}", floats.len(), &floats[..8]),
        _ if !ints.is_empty() => format!("{ints:?}"),
        _ if !floats.is_empty() => format!("{floats:?}"),
        _ => type_name(attribute.r#type.unwrap_or(AttributeType::UNDEFINED)).into(),
    }
}
