//! Runs every fuzz body at length: `doorward-fuzz CASES [SEED]`.

use doorward_fuzz::TARGETS;
use std::env;

fn main() {
    let mut numbers = env::args().skip(1).map(|word| word.parse::<u64>());
    let (Some(Ok(cases)), Ok(seed)) = (numbers.next(), numbers.next().unwrap_or(Ok(1))) else {
        eprintln!("doorward-fuzz CASES [SEED]: how many inputs each body gets, and where chance begins");
        std::process::exit(2);
    };
    for target in TARGETS {
        println!("{}: {cases} cases from seed {seed}", target.name);
        target.try_all(usize::try_from(cases).unwrap_or(usize::MAX), seed);
    }
}
