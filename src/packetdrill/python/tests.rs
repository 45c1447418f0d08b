//! Assertions as scripts write them.

use super::*;

fn run(code: &str) -> Result<Environment, Box<Failure>> {
    let statements = parse(code, 0).unwrap_or_else(|mistake| panic!("{mistake:?}"));
    let mut environment = Environment::new();
    environment.set("tcpi_snd_cwnd", Value::Integer(10));
    environment.set("tcpi_state", Value::Integer(1));
    environment.run(&statements).map(|()| environment)
}

fn holds(condition: &str) {
    if let Err(failure) = run(&format!("assert {condition}")) {
        panic!("{condition}: {failure:?}");
    }
}

#[test]
fn arithmetic_and_comparisons_are_those_of_python() {
    for condition in [
        "tcpi_snd_cwnd == 10",
        "5 < tcpi_snd_cwnd <= 10 != 11",
        "not (tcpi_snd_cwnd > 10 or tcpi_state == 2)",
        "7 // 2 == 3 and -7 // 2 == -4 and -7 % 3 == 2 and 7 / 2 == 3.5",
        "2 ** 10 == 1 << 10 == 0x400 and 6 & 3 | 8 ^ 1 == 2 | 9",
        "abs(-3) == 3 and min(3, 1, 2) == 1 and max([1, 5]) == 5 and sum([1, 2]) == 3",
        "1 in (1, 2) and 3 not in [1, 2] and 'ab' in 'cabd'",
        "(1 if tcpi_state else 2) == 1",
        "round(2.5) == 2 and int('12') == 12 and int(-1.5) == -1 and len('abc') == 3",
        "'%d of %5.1f' % (3, 2.25) == '3 of   2.2' and '{} {{}}'.format(4) == '4 {}'",
        "[1, 2, 3][-1] == 3 and 'abcd'[1:3] == 'bc' and 1 is 1 and None is None",
        "True and 1 == True",
    ] {
        holds(condition);
    }
}

#[test]
fn a_failed_assertion_tells_what_its_names_stood_for() {
    let failure = run("assert tcpi_snd_cwnd == 11, 'window is %d' % tcpi_snd_cwnd").unwrap_err();
    let Failure::Assertion { found, span } = *failure else { panic!("{failure:?}") };
    assert_eq!((found.as_str(), span), ("tcpi_snd_cwnd = 10, window is 10", 7..26));
}

#[test]
fn statements_of_several_lines_and_blocks_run() {
    let environment = run("
x = y = 0
for i in range(5):
    if i == 3: break
    elif i == 1:
        continue
    else:
        x += i
while y < 4:
    y += 2
(a, b) = x, y
print a, b
print('a', a)
assert (a == 2 and
        b == 4)
")
    .unwrap();
    assert_eq!(environment.printed(), ["2 4", "a 2"]);
    assert_eq!(environment.get("a"), Some(&Value::Integer(2)));
}

#[test]
fn a_second_line_may_stand_further_in_than_the_first_behind_the_bracket() {
    assert!(run("assert tcpi_state == 1\n    assert tcpi_snd_cwnd == 10\n    ").is_ok());
    assert!(run("if tcpi_state == 1:\n      assert tcpi_snd_cwnd == 10\n    assert True").is_ok());
}

#[test]
fn what_is_wrong_is_an_error_and_what_is_missing_is_told_by_name() {
    assert!(matches!(*run("assert nothing").unwrap_err(), Failure::Error { .. }));
    assert!(matches!(*run("assert 1 / 0").unwrap_err(), Failure::Error { .. }));
    assert!(matches!(*run("assert 'a' < 1").unwrap_err(), Failure::Error { .. }));
    assert!(matches!(*run("while True: pass").unwrap_err(), Failure::Error { .. }));
    assert!(matches!(*run("x = 2 ** 200").unwrap_err(), Failure::Error { .. }));
    assert!(matches!(*run("x = 'a' * 10000000000").unwrap_err(), Failure::Error { .. }));
    for (code, name) in [
        ("def f(): return 1", "def"),
        ("assert tcpi_not_yet == 1", "tcpi_not_yet"),
        ("x = eval('1')", "eval()"),
        ("try:\n  pass\nexcept:\n  pass", "try"),
    ] {
        let statements = parse(code, 0);
        let Ok(statements) = statements else { continue };
        match *Environment::new().run(&statements).unwrap_err() {
            Failure::Unsupported { what, .. } => assert_eq!(what, name),
            other => panic!("{other:?}"),
        }
    }
}
