//! How long sockets live: which `with` says it, and which would be lost.

use crate::scenario::syntax::{Does, Expr, Outcome, Statement};

/// The variable in which a statement puts a new socket.
pub fn made_socket(statement: &Statement) -> Option<&str> {
    let Does::Value { targets, value: Expr::Call(call, _), attempt: false, outcome: Outcome::Plain } =
        &statement.does
    else {
        return None;
    };
    let made = matches!((call.as_str(), targets.len()), ("socket", 1) | ("accept", 1 | 2));
    targets.first().filter(|_| made).map(String::as_str)
}

/// Whether the statement closes what is in that variable.
fn closes(statement: &Statement, name: &str) -> bool {
    match &statement.does {
        Does::Value { value: Expr::Call(call, given), .. } if call == "close" => {
            matches!(given.first(), Some(Expr::Name(closed)) if closed == name)
        }
        _ => false,
    }
}

/// Where the socket that is made at `at` is closed in the same block, if a `with` says the same.
pub fn closed_at(block: &[Statement], at: usize) -> Option<usize> {
    let name = made_socket(block.get(at)?)?;
    let mut end = None;
    for (place, statement) in block.iter().enumerate().skip(at + 1) {
        let (mut closed, mut made) = (0, 0);
        statement.walk(&mut |inner| {
            closed += usize::from(closes(inner, name));
            made += usize::from(assigns(inner, name));
        });
        if end.is_none() && closed == 1 && closes(statement, name) {
            end = Some(place);
            continue;
        }
        if made > 0 {
            break;
        }
        if closed > 0 || (end.is_some() && uses(statement, name)) {
            return None;
        }
    }
    end.filter(|end| *end > at + 1 && !leaves(&block[at + 1..*end], false))
}

/// Whether the statement puts what is in that variable into a list.
fn lists(statement: &Statement, name: &str) -> bool {
    match &statement.does {
        Does::Value { value: Expr::Call(call, given), .. } if call == "append" => {
            matches!(given.get(1), Some(Expr::Name(listed)) if listed == name)
        }
        _ => false,
    }
}

fn assigns(statement: &Statement, name: &str) -> bool {
    matches!(&statement.does, Does::Value { targets, .. } if targets.iter().any(|target| target == name))
}

fn uses(statement: &Statement, name: &str) -> bool {
    let mut found = false;
    statement.walk(&mut |inner| {
        for value in inner.expressions() {
            value.walk(&mut |value| found |= matches!(value, Expr::Name(used) if used == name));
        }
    });
    found
}

/// Whether the variable loses the socket made at `at` while that is open: it is made again in this block, or, in a block that
/// is run several times, in the next round.
pub fn lost_again(block: &[Statement], at: usize, name: &str, again: bool) -> bool {
    for statement in &block[at + 1..] {
        let (mut closed, mut made) = (false, false);
        statement.walk(&mut |inner| {
            closed |= closes(inner, name) || lists(inner, name);
            made |= assigns(inner, name);
        });
        if closed {
            return false;
        }
        if made {
            return true;
        }
    }
    again
}

/// Whether something leaves these statements before their end: a loop around them, or their function.
fn leaves(statements: &[Statement], inner_loop: bool) -> bool {
    statements.iter().any(|statement| match &statement.does {
        Does::Break | Does::Continue => !inner_loop,
        Does::Return(_) => true,
        Does::Repeat(..) | Does::While(..) | Does::For(..) => {
            statement.blocks().iter().any(|block| leaves(block, true))
        }
        Does::Every { .. } => false,
        _ => statement.blocks().iter().any(|block| leaves(block, inner_loop)),
    })
}
