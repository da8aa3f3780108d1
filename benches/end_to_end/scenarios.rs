//! The scenarios, their targets, and the order in which things are measured.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::Result;
use crate::load::{Load, Shape};
use crate::measure::{Took, measure, median};
use crate::print::{self, Figures};
use crate::rows;
use crate::server::Server;

const BENCH: &str = env!("CARGO_BIN_EXE_bench");

/// Names on the command line, in the order they run.
const NAMES: [&str; 9] = ["floor", "start", "check", "rows", "latency", "whole", "stream", "drip", "memory"];

/// Runs the scenarios that were named, all of them without a name. `floor` runs the floor alone, and only when named.
pub(crate) fn main(args: &[String]) -> Result<()> {
    let quick = args.iter().any(|arg| arg == "--quick");
    let named: Vec<&str> = args.iter().map(String::as_str).filter(|arg| *arg != "--quick").collect();
    if let Some(unknown) = named.iter().find(|name| !NAMES.contains(name)) {
        return Err(format!("no scenario {unknown}; there are {}", NAMES.join(", ")).into());
    }
    let wanted = |name: &str| named.contains(&name) || (named.is_empty() && name != "floor");
    let cores = std::thread::available_parallelism()?;
    println!("bench {} on {cores} cores, the server on the same machine", env!("CARGO_PKG_VERSION"));
    if quick {
        println!("--quick: smaller loads and single rounds; the figures say little");
    }
    for name in NAMES.into_iter().filter(|name| wanted(name)) {
        println!();
        match name {
            "floor" => floor_alone(quick)?,
            "start" => start(quick)?,
            "check" => check(quick)?,
            "rows" => rows::main(BENCH, quick)?,
            "memory" => memory(quick)?,
            name => against_the_floor(name, quick)?,
        }
    }
    Ok(())
}

/// The load of a scenario that is compared with the floor.
fn load(name: &str, quick: bool) -> Load {
    let base = Load { models: 12, cases: 1_000, in_flight: 64, delay: Duration::ZERO, shape: Shape::Whole };
    let load = match name {
        "latency" => Load { delay: Duration::from_millis(200), shape: Shape::Stream, ..base },
        "whole" => Load { cases: 2_000, ..base },
        "stream" => Load { shape: Shape::Stream, ..base },
        _ => Load { shape: Shape::Drip, ..base },
    };
    if quick { Load { cases: load.cases / 8, ..load } } else { load }
}

fn against_the_floor(name: &str, quick: bool) -> Result<()> {
    let load = load(name, quick);
    let rounds = if quick { 1 } else { 5 };
    let server = Server::start(load.delay, load.shape)?;
    // Warms everything up, and tells how large a body is.
    let (_, body_bytes) = bench_run(&Load { cases: 64, ..load }, &server)?;
    let (mut ours, mut floor) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        for turn in 0..2 {
            if (round + turn) % 2 == 0 {
                ours.push(bench_run(&load, &server)?.0);
            } else {
                floor.push(floor_run(&load, &server, body_bytes)?);
            }
        }
    }
    let (ours, floor) = (Figures::of(&ours, load.requests()), Figures::of(&floor, load.requests()));
    print::title(name, &load, rounds);
    print::row("bench", &ours);
    print::row("floor", &floor);
    // On a busy machine this tells more than wall times do.
    println!("  CPU a request ÷ the floor's {:.2}", ours.cpu_us / floor.cpu_us);
    if name == "latency" {
        let ideal = load.ideal().as_secs_f64();
        println!("  ideal wall {ideal:.3} s; floor ÷ ideal {:.3}", floor.wall_s / ideal);
        print::target("wall ÷ ideal wall", ours.wall_s / ideal, "", true, 1.05);
    } else {
        print::target("requests/s ÷ the floor's", ours.requests_per_s / floor.requests_per_s, "", false, 0.5);
    }
    Ok(())
}

/// The floor of every load, without the program: to see what the machine can do.
fn floor_alone(quick: bool) -> Result<()> {
    for name in ["latency", "whole", "stream", "drip"] {
        let load = load(name, quick);
        let rounds = if quick { 1 } else { 5 };
        let server = Server::start(load.delay, load.shape)?;
        let took = (0..rounds).map(|_| floor_run(&load, &server, 250)).collect::<Result<Vec<_>>>()?;
        print::title(name, &load, rounds);
        print::row("floor", &Figures::of(&took, load.requests()));
        if !load.delay.is_zero() {
            let wall = median(took.iter().map(|took| took.wall.as_secs_f64()).collect());
            println!("  floor ÷ ideal {:.3}", wall / load.ideal().as_secs_f64());
        }
    }
    Ok(())
}

/// A million cells from a dataset of 100,000 rows.
fn memory(quick: bool) -> Result<()> {
    let cases = if quick { 1_000 } else { 100_000 };
    let load = Load { models: 10, cases, in_flight: 32, delay: Duration::ZERO, shape: Shape::Whole };
    let server = Server::start(load.delay, load.shape)?;
    let (took, _) = bench_run(&load, &server)?;
    let figures = Figures::of(&[took], load.requests());
    print::title("memory", &load, 1);
    print::row("bench", &figures);
    print::target("peak memory", took.peak_kib as f64 * 1024.0 / 1e6, " MB", true, 300.0);
    Ok(())
}

/// `bench --version`, beside the time the machine needs to start any process.
fn start(quick: bool) -> Result<()> {
    let times = if quick { 10 } else { 100 };
    let ours =
        median_ms(times, || Command::new(BENCH).arg("--version").output().map(|output| output.status.success()))?;
    let least = median_ms(times, || Command::new("true").output().map(|output| output.status.success()))?;
    println!("start: bench --version, median of {times}; `true` takes {least:.2} ms");
    print::target("wall", ours, " ms", true, 5.0);
    Ok(())
}

/// `bench check` of a suite with 10,000 cases.
fn check(quick: bool) -> Result<()> {
    let times = if quick { 2 } else { 15 };
    let load = Load { models: 12, cases: 10_000, in_flight: 8, delay: Duration::ZERO, shape: Shape::Whole };
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
    load.write(folder.path(), "127.0.0.1:9")?;
    let command = || clean(BENCH, folder.path()).args(["check", "suite.yaml"]).output();
    let printed = String::from_utf8_lossy(&command()?.stdout).replace([',', ' ', '_', '\u{202f}'], "");
    if !printed.contains("120000") {
        return Err(format!("bench check does not tell of 120,000 cells: {printed}").into());
    }
    let wall = median_ms(times, || command().map(|output| output.status.success()))?;
    println!("check: bench check of 12 models × 10,000 cases, median of {times}");
    print::target("wall", wall, " ms", true, 200.0);
    Ok(())
}

fn median_ms(times: usize, run: impl Fn() -> std::io::Result<bool>) -> Result<f64> {
    let mut walls = Vec::new();
    for _ in 0..times {
        let started = Instant::now();
        if !run()? {
            return Err("a measured command failed".into());
        }
        walls.push(started.elapsed().as_secs_f64() * 1e3);
    }
    Ok(median(walls))
}

/// A program in a folder of its own, with nothing of this process's environment.
fn clean(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env_clear().env("HOME", folder);
    command
}

/// Runs the program once, checks that it asked and recorded every cell, and tells how large a request body was.
fn bench_run(load: &Load, server: &Server) -> Result<(Took, usize)> {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
    load.write(folder.path(), &server.address)?;
    server.look()?;
    let mut command = clean(BENCH, folder.path());
    command.args(["run", "suite.yaml", "--out", "run"]);
    let took = measure(&mut command, &folder.path().join("output"))?;
    let (requests, bytes) = server.look()?;
    if requests != load.requests() as u64 {
        return Err(format!("bench sent {requests} of {} requests", load.requests()).into());
    }
    let passed = count_passes(&folder.path().join("run/results.csv"))?;
    if passed != load.requests() {
        return Err(format!("{passed} of {} cells are recorded as passed", load.requests()).into());
    }
    Ok((took, usize::try_from(bytes / requests)?))
}

fn count_passes(results: &Path) -> Result<usize> {
    let mut reader = csv::Reader::from_path(results)?;
    let verdict = reader.headers()?.iter().position(|name| name == "verdict").ok_or("no column verdict")?;
    let mut row = csv::ByteRecord::new();
    let mut passed = 0;
    while reader.read_byte_record(&mut row)? {
        passed += usize::from(&row[verdict] == b"pass");
    }
    Ok(passed)
}

fn floor_run(load: &Load, server: &Server, body_bytes: usize) -> Result<Took> {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
    server.look()?;
    let url = format!("http://{}/v1/chat/completions", server.address);
    let numbers = [load.models, load.cases, load.in_flight, body_bytes].map(|number| number.to_string());
    let program = std::env::current_exe()?;
    let mut command = clean(program.to_str().ok_or("a path that is not UTF-8")?, folder.path());
    command.arg("--floor").arg(url).args(numbers);
    let took = measure(&mut command, &folder.path().join("output"))?;
    let (requests, _) = server.look()?;
    if requests != load.requests() as u64 {
        return Err(format!("the floor sent {requests} of {} requests", load.requests()).into());
    }
    fs::remove_dir_all(folder.path())?;
    Ok(took)
}
