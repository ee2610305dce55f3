//! What the calls of a process take, from Python's words to the engine's.

use memcore::vm::{Access, Advice, NumaPolicy, Protection};
use pyo3::{prelude::*, types::PyTuple};

use super::errors::vm_error;
use crate::{
    errors::{UnknownNameError, bad_parameter, raise},
    number::Number,
};

/// The exception for a word that is none of those known.
#[cold]
pub fn unknown(py: Python<'_>, what: &str, name: &str, known: &[&str]) -> PyErr {
    let message = format!("unknown {what} {name:?}; known: {}", known.join(", "));
    match PyTuple::new(py, known) {
        Ok(known) => raise!(py, UnknownNameError, message, name = name, known = known),
        Err(failure) => failure,
    }
}

/// `"rw"`, `"r-x"`, `"none"`, or bits: 1 read, 2 write, 4 execute.
pub fn protection(given: &Bound<'_, PyAny>) -> PyResult<Protection> {
    let py = given.py();
    if let Ok(text) = given.extract::<&str>() {
        let mut found = Protection::NONE;
        if text == "none" {
            return Ok(found);
        }
        for letter in text.chars() {
            found = found
                | match letter {
                    'r' => Protection::READ,
                    'w' => Protection::WRITE,
                    'x' => Protection::EXECUTE,
                    '-' => Protection::NONE,
                    _ => return Err(unknown(py, "protection", text, &["letters of rwx", "none"])),
                };
        }
        return Ok(found);
    }
    let Number(bits) = given.extract()?;
    u32::try_from(bits)
        .ok()
        .and_then(Protection::from_bits)
        .ok_or_else(|| bad_parameter(py, "protection", bits, "must be bits of 1 read, 2 write, 4 execute"))
}

/// A name of `MADV_*` in lower case, or its number.
pub fn advice(given: &Bound<'_, PyAny>) -> PyResult<Advice> {
    let py = given.py();
    if let Ok(text) = given.extract::<&str>() {
        let found = Advice::ALL.iter().find(|advice| advice.name() == text);
        return found.copied().ok_or_else(|| {
            let known: Vec<&str> = Advice::ALL.iter().map(|advice| advice.name()).collect();
            unknown(py, "advice", text, &known)
        });
    }
    let Number(number) = given.extract()?;
    let number = i32::try_from(number).unwrap_or(-1);
    Advice::from_number(number).map_err(|error| vm_error(py, error))
}

const ACCESSES: [Access; 3] = [Access::Read, Access::Write, Access::Execute];

/// `"read"`, `"write"` or `"execute"`.
pub fn access(py: Python<'_>, name: &str) -> PyResult<Access> {
    let found = ACCESSES.into_iter().find(|access| access.name() == name);
    found.ok_or_else(|| unknown(py, "kind of access", name, &ACCESSES.map(Access::name)))
}

/// The access of a number: 0 read, 1 write, 2 execute.
pub fn access_of_number(py: Python<'_>, number: u64) -> PyResult<Access> {
    let found = usize::try_from(number).ok().and_then(|number| ACCESSES.get(number));
    found
        .copied()
        .ok_or_else(|| bad_parameter(py, "kinds", number, "must be 0 for read, 1 for write, 2 for execute"))
}

/// A node's number.
pub fn node(py: Python<'_>, Number(node): Number) -> PyResult<u32> {
    u32::try_from(node).map_err(|_| bad_parameter(py, "node", node, "must be below 2**32"))
}

/// A NUMA policy of its name and the nodes with their weights.
pub fn numa_policy(
    py: Python<'_>,
    name: &str,
    nodes: Option<Vec<Number>>,
    weights: Option<Vec<Number>>,
) -> PyResult<NumaPolicy> {
    let given: Vec<u64> = nodes.unwrap_or_default().into_iter().map(|Number(node)| node).collect();
    let mut nodes = Vec::new();
    for &one in &given {
        nodes.push(node(py, Number(one))?);
    }
    Ok(match name {
        "default" => NumaPolicy::Default,
        "bind" => NumaPolicy::Bind(nodes),
        "preferred" => match nodes[..] {
            [node] => NumaPolicy::Preferred(node),
            _ => return Err(bad_parameter(py, "nodes", nodes.len() as u64, "preferred takes one node")),
        },
        "interleave" => NumaPolicy::Interleave(nodes),
        "weighted-interleave" => {
            let weights = weights.unwrap_or_default();
            if weights.len() != nodes.len() {
                let rule = "there must be a weight for each node";
                return Err(bad_parameter(py, "weights", weights.len() as u64, rule));
            }
            let mut weighted = Vec::new();
            for (node, Number(weight)) in nodes.into_iter().zip(weights) {
                let narrow = u32::try_from(weight);
                weighted.push((
                    node,
                    narrow.map_err(|_| bad_parameter(py, "weights", weight, "must be below 2**32"))?,
                ));
            }
            NumaPolicy::WeightedInterleave(weighted)
        }
        _ => {
            let known = ["default", "bind", "preferred", "interleave", "weighted-interleave"];
            return Err(unknown(py, "policy", name, &known));
        }
    })
}
