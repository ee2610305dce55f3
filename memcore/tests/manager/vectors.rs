//! `tests/vectors/vm/manager.vec`: the manager answers every line as the file says.

use memcore::replacement::PolicyError;
use memcore::vm::manager::{
    ManagerError, ManagerOptions, ManagerStatistics, PageEntry, VirtualMemoryManager,
};
use memcore::vm::{Access, Protection};

type Outcome = Result<String, ManagerError>;

fn make(words: &[&str]) -> Result<VirtualMemoryManager, ManagerError> {
    let value = |key: &str| words.iter().find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
    let number = |key| value(key).map(|text| text.parse().unwrap());
    let mut options = ManagerOptions::new(number("page_size").unwrap(), number("pages").unwrap() as u32);
    options.frames = number("frames").map(|frames| frames as u32);
    if let Some(policy) = value("policy") {
        options.policy = policy.parse().unwrap();
    }
    VirtualMemoryManager::new(options)
}

fn protection(text: &str) -> Protection {
    (0..8).filter_map(Protection::from_bits).find(|protection| protection.to_string() == text).unwrap()
}

fn yes(fact: bool) -> &'static str {
    if fact { "yes" } else { "no" }
}

fn call(manager: &mut VirtualMemoryManager, words: &[&str]) -> Outcome {
    let number = || words[1].parse::<i64>().unwrap();
    let ok = |()| "ok".to_string();
    Ok(match words[0] {
        "allocate" => format!("frame={}", manager.allocate_page(number())?),
        "deallocate" => ok(manager.deallocate_page(number())?),
        "protect" => ok(manager.protect_page(number(), protection(words[2]))?),
        "clear_referenced" => ok(manager.clear_referenced(number())?),
        "translate" => {
            let access = match words.get(2) {
                None => Access::Read,
                Some(&"write") => Access::Write,
                Some(&"execute") => Access::Execute,
                Some(other) => panic!("{other}"),
            };
            let found = manager.translate(number(), access)?;
            let (hit, evicted) = (if found.hit { "hit" } else { "fault" }, found.evicted);
            let evicted = evicted.map_or("none".to_string(), |page| page.to_string());
            format!(
                "address={} page={} frame={} {hit} evicted={evicted}",
                found.address, found.page, found.frame
            )
        }
        "entry" => {
            let PageEntry { allocated, frame, modified, referenced, protection } = manager.entry(number())?;
            let frame = frame.map_or("none".to_string(), |frame| frame.to_string());
            let [allocated, modified, referenced] = [allocated, modified, referenced].map(yes);
            format!(
                "allocated={allocated} frame={frame} modified={modified} referenced={referenced} protection={protection}"
            )
        }
        "statistics" => {
            let ManagerStatistics {
                total_pages,
                used_pages,
                free_pages,
                total_frames,
                used_frames,
                free_frames,
                page_faults,
                page_hits,
                page_replacements,
                write_backs,
            } = manager.statistics();
            format!(
                "total_pages={total_pages} used_pages={used_pages} free_pages={free_pages} \
                 total_frames={total_frames} used_frames={used_frames} free_frames={free_frames} \
                 page_faults={page_faults} page_hits={page_hits} page_replacements={page_replacements} \
                 write_backs={write_backs}"
            )
        }
        "free_frames" => {
            let frames: Vec<String> = manager.free_frames().map(|frame| frame.to_string()).collect();
            if frames.is_empty() { "none".to_string() } else { frames.join(",") }
        }
        "table" => manager.page_table().to_string().replace('\n', "\\n"),
        "summary" => manager.statistics().to_string().replace('\n', "\\n"),
        "validate" => manager.validate().map_or_else(str::to_string, ok),
        other => panic!("no call {other}"),
    })
}

fn told(error: ManagerError) -> String {
    use ManagerError as E;
    let words = match error {
        E::PageSize { page_size } => format!("PageSize page_size={page_size}"),
        E::Pages { pages } => format!("Pages pages={pages}"),
        E::TooLarge { count, page_size } => format!("TooLarge count={count} page_size={page_size}"),
        E::InvalidPage { page, pages } => format!("InvalidPage page={page} pages={pages}"),
        E::InvalidAddress { address, end } => format!("InvalidAddress address={address} end={end}"),
        E::AlreadyAllocated { page } => format!("AlreadyAllocated page={page}"),
        E::NotAllocated { page } => format!("NotAllocated page={page}"),
        E::PageFault { page } => format!("PageFault page={page}"),
        E::Protection { page, access } => format!("Protection page={page} access={}", access.name()),
        E::Policy(PolicyError::Frames { frames }) => format!("Frames frames={frames}"),
        E::Policy(PolicyError::NeedsFuture { policy, .. }) => format!("NeedsFuture policy={policy}"),
        E::Policy(PolicyError::VariesAllocation { policy, .. }) => {
            format!("VariesAllocation policy={policy}")
        }
        other => panic!("{other}"),
    };
    format!("error {words}")
}

#[test]
fn the_file_holds() {
    let text = include_str!("../../../tests/vectors/vm/manager.vec");
    let mut manager = None;
    let mut lines = 0;
    for (at, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
        let (call_text, expected) = line.split_once(" = ").unwrap_or_else(|| panic!("line {at}"));
        let words: Vec<&str> = call_text.split(' ').collect();
        let outcome = match words[0] {
            "manager" => match make(&words) {
                Ok(made) => {
                    manager = Some(made);
                    Ok("ok".to_string())
                }
                Err(error) => Err(error),
            },
            _ => call(manager.as_mut().unwrap(), &words),
        };
        assert_eq!(outcome.unwrap_or_else(told), expected, "line {at}: {call_text}");
        lines += 1;
    }
    assert_eq!(lines, 86);
}
