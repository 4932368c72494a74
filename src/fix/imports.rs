//! What moved to another module: the import follows it.

use crate::facts::{FileId, Place};
use crate::fix::code::{Code, every_statement};
use crate::fix::text::{indent, item, line_end, line_start, newline, skip};
use crate::fix::{Edit, Fix};
use crate::name::Name;
use crate::rules::Broken;
use crate::syntax::ir::{
    ExprKind, Import, ImportFrom, ImportedName, Module, Parent, Range, Stmt, StmtKind,
};
use crate::syntax::visit;

/// The one module of the tree, besides these files, whose own code defines the name; none if there are several.
pub(super) fn provider(code: &Code, name: Name, besides: &[FileId]) -> Option<(FileId, Name)> {
    let mut found = None;
    for (file, content) in code.now.tree.iter() {
        // A look at the text is quicker than parsing all of it.
        if besides.contains(&file) || !content.text.content().contains(name.as_str()) {
            continue;
        }
        let Some(module) = code.modules.get(&file) else {
            continue;
        };
        if defines(&code.now.module(file), name) && found.replace((file, *module)).is_some() {
            return None;
        }
    }
    found
}

/// The one module of the tree that all other files import the name from, and how many they are; none if they differ, or one of them says it relatively.
/// Several modules define the name then, or one defines it and another passes it on: what is meant is a guess.
fn customary(code: &Code, name: Name, besides: &[FileId]) -> Option<(Name, usize)> {
    let mut found: Option<(Name, usize)> = None;
    for (file, content) in code.now.tree.iter() {
        if besides.contains(&file) || !content.text.content().contains(name.as_str()) {
            continue;
        }
        let mut sources: Vec<Option<Name>> = Vec::new();
        every_statement(&code.now.module(file), |stmt| {
            if let StmtKind::ImportFrom(import) = &stmt.kind
                && import.names.iter().any(|imported| imported.name == name)
            {
                sources.push(import.module.filter(|_| import.level == 0));
            }
        });
        sources.dedup();
        for source in sources {
            let source = source?;
            found = match found {
                None => Some((source, 1)),
                Some((before, count)) if before == source => Some((source, count + 1)),
                Some(_) => return None,
            };
        }
    }
    found.filter(|(module, _)| {
        file_of(code, module.as_str()).is_some_and(|file| !besides.contains(&file))
    })
}

/// Whether a module's own code has a function or a class of that name.
pub(super) fn declares(module: &Module, name: Name) -> bool {
    let functions = module.functions.iter();
    let mut functions = functions.filter(|function| function.parent == Parent::Module);
    let mut classes = module
        .classes
        .iter()
        .filter(|class| class.parent == Parent::Module);
    functions.any(|function| function.name == name) || classes.any(|class| class.name == name)
}

/// Whether a module's own code makes something of that name: an import of it makes nothing.
fn defines(module: &Module, name: Name) -> bool {
    if declares(module, name) {
        return true;
    }
    let mut is_assigned = false;
    visit::statements(&module.body, &mut |stmt| {
        let targets = match &stmt.kind {
            StmtKind::Assign { targets, .. } => targets.as_slice(),
            StmtKind::AnnAssign {
                target,
                value: Some(_),
                ..
            } => std::slice::from_ref(target),
            _ => &[],
        };
        is_assigned |= targets
            .iter()
            .any(|target| matches!(&target.kind, ExprKind::Name(bound, _) if *bound == name));
    });
    is_assigned
}

/// The file of the module with that dotted name, if the tree has it.
pub(super) fn file_of(code: &Code, module: &str) -> Option<FileId> {
    let mut modules = code.modules.iter();
    let (file, _) = modules.find(|(_, name)| name.as_str() == module)?;
    Some(*file)
}

/// A line that imports a name, behind the imports at the top of the file.
pub(super) fn import_line(code: &Code, file: FileId, written: &str) -> Option<Edit> {
    let (text, module) = (code.text(file), code.now.module(file));
    let is_import =
        |stmt: &&Stmt| matches!(stmt.kind, StmtKind::Import(_) | StmtKind::ImportFrom(_));
    let line = newline(text);
    let leading = module.body.iter().take_while(is_import);
    if let Some(last) = leading.last() {
        let end = line_end(text, last.range.end as usize);
        return Some(Code::insert(file, end, format!("{line}{written}")));
    }
    let first = module.body.first()?;
    let decorators = match &first.kind {
        StmtKind::FunctionDef { function, .. } => &module[*function].decorators,
        StmtKind::ClassDef { class, .. } => &module[*class].decorators,
        _ => &Vec::new(),
    };
    let start = decorators.first().map_or(first.range.start, |decorator| {
        decorator.range.start.min(first.range.start)
    });
    let stmt = line_start(text, start as usize);
    // Comments right above belong to what follows; those at the very top belong to the file.
    let mut at = stmt;
    while at > 0 {
        let before = line_start(text, line_start(text, at).saturating_sub(1));
        if !text[before..].starts_with('#') || before == at {
            break;
        }
        at = before;
    }
    let at = if at == 0 { stmt } else { at };
    Some(Code::insert(
        file,
        at,
        format!("{written}{line}{line}{line}"),
    ))
}

/// What might be done about a name that its module does not have.
pub(super) fn name(code: &Code, place: Place, broken: &Broken) -> Vec<Fix> {
    let module = code.now.module(place.file);
    let Some((range, statement, index)) = imported_at(&module, place.range) else {
        return Vec::new();
    };
    let imported = &statement.names[index];
    let mut fixes = Vec::new();
    let exception = broken.exception.as_deref().unwrap_or_default();
    let lacks = exception
        .split('\'')
        .nth(3)
        .and_then(|name| file_of(code, name));
    let besides = [Some(place.file), lacks].into_iter().flatten();
    let besides: Vec<FileId> = besides.collect();
    if let Some((_, provider)) = provider(code, imported.name, &besides) {
        let what = format!("import `{}` from `{provider}`", imported.name);
        let edits = moved(
            code,
            place.file,
            (range, statement, index),
            provider.as_str(),
        );
        fixes.push(Fix::safe(what, edits.unwrap_or_default()));
    } else if let Some((provider, files)) = customary(code, imported.name, &besides) {
        let others = match files {
            1 => "1 other file does".to_owned(),
            _ => format!("{files} other files do"),
        };
        let what = format!("import `{}` from `{provider}`, as {others}", imported.name);
        let edits = moved(
            code,
            place.file,
            (range, statement, index),
            provider.as_str(),
        );
        fixes.push(Fix::doubtful(what, edits.unwrap_or_default()));
    }
    if let Some(near) = &broken.near {
        let text = code.text(place.file);
        let has_alias = alias_end(text, imported).is_some();
        let written = if has_alias {
            near.clone()
        } else {
            format!("{near} as {}", imported.name)
        };
        let what = format!("import `{near}` instead of `{}`", imported.name);
        let edit = Code::edit(place.file, imported.range, written);
        fixes.push(Fix::doubtful(what, vec![edit]));
    }
    fixes
}

fn imported_at(module: &Module, range: Range) -> Option<(Range, &ImportFrom, usize)> {
    let mut found = None;
    every_statement(module, |stmt| {
        if let StmtKind::ImportFrom(statement) = &stmt.kind
            && let Some(index) = statement.names.iter().position(|name| name.range == range)
        {
            found = Some((stmt.range, statement, index));
        }
    });
    found
}

/// Where `name as alias` ends; none without alias.
fn alias_end(text: &str, imported: &ImportedName) -> Option<usize> {
    let at = skip(text, imported.range.end as usize);
    let rest = text[at..].strip_prefix("as")?;
    let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\\', '\n', '\r']).len();
    let word = &rest[blank..];
    let length = word
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(word.len());
    (blank > 0).then_some(at + 2 + blank + length)
}

/// The name imported from another module: the whole statement, or a line of its own.
fn moved(
    code: &Code,
    file: FileId,
    (range, statement, index): (Range, &ImportFrom, usize),
    provider: &str,
) -> Option<Vec<Edit>> {
    if statement.names.len() == 1 {
        return Some(vec![Code::edit(file, statement.module_range, provider)]);
    }
    let text = code.text(file);
    let indent = indent(text, range.start as usize)?;
    let end =
        |imported: &ImportedName| alias_end(text, imported).unwrap_or(imported.range.end as usize);
    let imported = &statement.names[index];
    let own = (imported.range.start as usize, end(imported));
    let before = index
        .checked_sub(1)
        .map(|before| end(&statement.names[before]));
    let (from, to) = item(text, own, before);
    let gone = Range::new(u32::try_from(from).ok()?, u32::try_from(to).ok()?);
    let line = format!(
        "from {provider} import {}{}{indent}",
        &text[own.0..own.1],
        newline(text)
    );
    Some(vec![
        Code::insert(file, range.start as usize, line),
        Code::edit(file, gone, ""),
    ])
}

/// What might be done about a module that is not there: the one that is called like it, in another package.
pub(super) fn module(code: &Code, place: Place, broken: &Broken) -> Vec<Fix> {
    let module = code.now.module(place.file);
    let mut found = None;
    every_statement(&module, |stmt| match &stmt.kind {
        StmtKind::Import(import) if import.range == place.range => {
            found = Some(Statement::Import(import));
        }
        StmtKind::ImportFrom(import) if import.module_range == place.range => {
            found = Some(Statement::From(import));
        }
        _ => {}
    });
    let wanted = broken.subject.as_str();
    let last = wanted.rsplit('.').next().unwrap_or(wanted);
    let mut others: Vec<(FileId, Name)> = code
        .modules
        .iter()
        .filter(|(_, name)| {
            name.as_str() != wanted && name.as_str().rsplit('.').next() == Some(last)
        })
        .map(|(file, name)| (*file, *name))
        .collect();
    if let Some(Statement::From(import)) = &found {
        let has_all = |file: FileId| {
            let module = code.now.module(file);
            import
                .names
                .iter()
                .all(|imported| defines(&module, imported.name))
        };
        others.retain(|(file, _)| has_all(*file));
    }
    let ([(_, other)], Some(found)) = (others.as_slice(), found) else {
        return Vec::new();
    };
    let written = match found {
        Statement::From(_) => other.to_string(),
        Statement::Import(import) if import.has_alias => other.to_string(),
        Statement::Import(_) if !wanted.contains('.') => format!("{other} as {wanted}"),
        Statement::Import(_) => return Vec::new(),
    };
    let what = format!("import `{other}` instead of `{wanted}`");
    let edit = Code::edit(place.file, place.range, written);
    vec![Fix::safe(what, vec![edit])]
}

/// A statement that imports a module.
enum Statement<'m> {
    Import(&'m Import),
    From(&'m ImportFrom),
}
