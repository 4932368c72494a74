use std::sync::Arc;
use std::time::Instant;
fn main() {
    let child = std::thread::Builder::new()
        .stack_size(1 << 30)
        .spawn(run)
        .unwrap();
    child.join().unwrap();
}
fn run() {
    let root = std::env::args().nth(1).unwrap();
    let verbose = std::env::args().nth(2).is_some();
    let mut paths: Vec<_> = walkdir::WalkDir::new(&root)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|e| e.file_type().is_file() && e.path().extension().is_some_and(|x| x == "py"))
        .map(|e| e.path().to_owned())
        .collect();
    paths.sort();
    let mut inputs = vec![];
    let mut texts = vec![];
    let t = Instant::now();
    for p in &paths {
        let text = String::from_utf8_lossy(&std::fs::read(p).unwrap()).into_owned();
        let rel = p.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        let m = coship::syntax::parse(&text);
        for e in &m.errors {
            println!("SYNTAX {rel}: {e:?}");
        }
        inputs.push((rel.clone(), Arc::new(m)));
        texts.push((rel, text));
    }
    let tp = t.elapsed();
    let t = Instant::now();
    let ins: Vec<_> = inputs
        .iter()
        .enumerate()
        .map(|(i, (p, m))| coship::program::Input {
            file: coship::facts::FileId(i as u32),
            path: p,
            module: m.clone(),
        })
        .collect();
    let program = coship::program::Program::build(&ins, &[], None);
    println!("roots {:?}", program.roots());
    let facts = coship::eval::evaluate(&program, &Default::default());
    let te = t.elapsed();
    let loc = |p: coship::facts::Place| {
        let (rel, text) = &texts[p.file.0 as usize];
        let s = p.range.start as usize;
        let e = p.range.end as usize;
        let line = text[..s].matches('\n').count() + 1;
        format!(
            "{rel}:{line} `{}`",
            text[s..e.min(s + 60)].replace('\n', " ")
        )
    };
    let mut counts = std::collections::BTreeMap::new();
    for f in &facts.failures {
        *counts
            .entry(format!("{:?} {:?}", f.kind, f.confidence))
            .or_insert(0) += 1;
        if f.kind == coship::facts::FailureKind::OrphanOperation {
            continue;
        }
        println!(
            "{:?} {:?} {} [{}] route={:?} {}",
            f.confidence,
            f.kind,
            loc(f.cause),
            f.subject,
            f.route
                .as_ref()
                .map(|r| format!("{}/{}", r.interface, r.operation)),
            f.exception.clone().unwrap_or_default()
        );
        if verbose {
            for c in &f.chain {
                println!("      {} in {}: {}", loc(c.place), c.function, c.note);
            }
        }
    }
    let mut rc = std::collections::BTreeMap::new();
    for r in &facts.routes {
        *rc.entry(format!("{:?}", r.status)).or_insert(0) += 1;
        if verbose {
            println!(
                "ROUTE {} {} {:?} via {:?} -> {:?} {} sends {:?} from {:?}",
                r.key.interface,
                r.key.operation,
                r.status,
                r.router.as_ref().map(|s| &s.name),
                r.handler.as_ref().map(|s| &s.name),
                r.accepts,
                r.sends,
                r.wrappers.iter().map(|w| &w.name).collect::<Vec<_>>()
            );
        }
    }
    println!(
        "{counts:?}\nroutes {rc:?} functions {} parse {tp:?} eval {te:?}",
        facts.functions
    );
}
