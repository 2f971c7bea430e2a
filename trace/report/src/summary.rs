//! Numbers of the whole: tasks by their names, errors by their kinds, percentiles.

use std::collections::HashMap;

use crate::phases::Phase;
use crate::view::View;

/// Of some durations.
#[derive(Default, Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) p50: u64,
    pub(crate) p90: u64,
    pub(crate) p99: u64,
    pub(crate) max: u64,
}

impl Spread {
    /// The smallest duration that so many of them do not exceed.
    pub(crate) fn of(durations: &mut [u64]) -> Self {
        durations.sort_unstable();
        let at = |percent: usize| {
            let rank = (durations.len() * percent).div_ceil(100);
            durations.get(rank.saturating_sub(1)).copied().unwrap_or(0)
        };
        Self {
            p50: at(50),
            p90: at(90),
            p99: at(99),
            max: at(100),
        }
    }
}

/// The tasks of one name.
pub(crate) struct Group {
    pub(crate) label: String,
    pub(crate) count: u64,
    pub(crate) sum: u64,
    pub(crate) total: Spread,
    pub(crate) queue: Spread,
    pub(crate) running: Spread,
    pub(crate) delivery: Spread,
    pub(crate) callback: Spread,
}

/// Those that took longest in sum come first.
pub(crate) fn groups(view: &View) -> Vec<Group> {
    const PHASES: [Phase; 4] = [
        Phase::Queue,
        Phase::Running,
        Phase::Delivery,
        Phase::Callback,
    ];
    let mut durations: HashMap<std::rc::Rc<str>, [Vec<u64>; 5]> = HashMap::new();
    for index in 0..view.trace.tasks.len() {
        let index = u32::try_from(index).expect("a task's number");
        let life = view.life(index);
        let columns = durations.entry(view.shared_label(index)).or_default();
        columns[0].push(life.total());
        for (column, phase) in columns[1..].iter_mut().zip(PHASES) {
            column.push(life.spent(phase));
        }
    }
    let mut groups: Vec<Group> = durations
        .into_iter()
        .map(|(label, mut columns)| {
            let spreads = columns.each_mut().map(|column| Spread::of(column));
            let [total, queue, running, delivery, callback] = spreads;
            let (count, sum) = (columns[0].len() as u64, columns[0].iter().sum());
            Group {
                label: label.to_string(),
                count,
                sum,
                total,
                queue,
                running,
                delivery,
                callback,
            }
        })
        .collect();
    groups.sort_by(|one, other| {
        other
            .sum
            .cmp(&one.sum)
            .then_with(|| one.label.cmp(&other.label))
    });
    groups
}

/// Errors of one kind.
pub(crate) struct Errors {
    pub(crate) domain: String,
    pub(crate) code: i64,
    pub(crate) count: u64,
    /// One of its messages.
    pub(crate) message: String,
    pub(crate) tasks: Vec<u32>,
}

/// The most frequent ones first.
pub(crate) fn errors(view: &View) -> Vec<Errors> {
    let mut kinds: HashMap<(u32, i64), Errors> = HashMap::new();
    for (index, task) in view.trace.tasks.iter().enumerate() {
        let Some(error) = view.trace.errors.get(task.error) else {
            continue;
        };
        let kind = kinds
            .entry((error.domain, error.code))
            .or_insert_with(|| Errors {
                domain: view.trace.strings.get(error.domain).to_owned(),
                code: error.code,
                count: 0,
                message: crate::words::one_line(view.trace.strings.get(error.message)),
                tasks: Vec::new(),
            });
        kind.count += 1;
        kind.tasks
            .push(u32::try_from(index).expect("a task's number"));
    }
    let mut errors: Vec<Errors> = kinds.into_values().collect();
    errors.sort_by(|one, other| {
        other
            .count
            .cmp(&one.count)
            .then_with(|| one.tasks.cmp(&other.tasks))
    });
    errors
}

#[cfg(test)]
mod tests {
    use super::Spread;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let mut durations: Vec<u64> = (1..=100).rev().collect();
        let spread = Spread::of(&mut durations);
        assert_eq!(
            (spread.p50, spread.p90, spread.p99, spread.max),
            (50, 90, 99, 100)
        );
        let one = Spread::of(&mut [7]);
        assert_eq!((one.p50, one.max), (7, 7));
        assert_eq!(Spread::of(&mut []).max, 0);
    }
}
