//! Members of enums: names that code uses, and values that are stored and sent.

use crate::eval::contract::{Class, Member};
use crate::name::Name;

use super::calls::merge;
use super::pair::Pairs;
use super::{Caller, Change, Kind, Mode, Side, Version, World};

impl World<'_> {
    pub(super) fn compare_classes(&self, changes: &mut Vec<Change>) {
        for &(i, j) in &self.pairs.classes {
            let (old, new) = (&self.old.contract.classes[i], &self.new.contract.classes[j]);
            if let (Some(before), Some(after)) = (&old.members, &new.members) {
                self.compare_members(old, before, new, after, changes);
            }
        }
    }

    fn compare_members(
        &self,
        old: &Class,
        before: &[Member],
        new: &Class,
        after: &[Member],
        changes: &mut Vec<Change>,
    ) {
        let value = |version, member: &Member| self.text(version, member.place.file, member.value);
        let has = |members: &[Member], name: Name| members.iter().any(|member| member.name == name);
        let gone: Vec<&Member> = before
            .iter()
            .filter(|member| !has(after, member.name))
            .collect();
        let mut come: Vec<&Member> = after
            .iter()
            .filter(|member| !has(before, member.name))
            .collect();
        for member in gone {
            let own = value(Version::Deployed, member);
            let twin = come
                .iter()
                .position(|other| is_renamed(&own, &value(Version::Candidate, other)));
            let renamed = twin.map(|at| come.remove(at));
            let mut change = match renamed {
                Some(_) => self.member(
                    Kind::MemberRenamed,
                    Version::Candidate,
                    new,
                    renamed.unwrap_or(member),
                ),
                None => self.member(Kind::MemberRemoved, Version::Deployed, old, member),
            };
            change.before =
                Some(self.text(Version::Deployed, member.place.file, member.place.range));
            if let Some(other) = renamed {
                change.old_place = Some(member.place);
                change.subjects = vec![member.name.to_string(), other.name.to_string()];
                change.after =
                    Some(self.text(Version::Candidate, other.place.file, other.place.range));
            }
            self.judge_members(
                &mut change,
                Some((old, member.name)),
                renamed.map(|other| (new, other.name)),
            );
            changes.push(change);
        }
        for member in come {
            let mut change = self.member(Kind::MemberAdded, Version::Candidate, new, member);
            change.after =
                Some(self.text(Version::Candidate, member.place.file, member.place.range));
            self.judge_members(&mut change, None, Some((new, member.name)));
            changes.push(change);
        }
        for member in after {
            let Some(was) = before.iter().find(|other| other.name == member.name) else {
                continue;
            };
            let (from, to) = (
                value(Version::Deployed, was),
                value(Version::Candidate, member),
            );
            if from != to {
                let mut change =
                    self.member(Kind::MemberValueChanged, Version::Candidate, new, member);
                change.old_place = Some(was.place);
                change.before = Some(self.text(Version::Deployed, was.place.file, was.place.range));
                change.after =
                    Some(self.text(Version::Candidate, member.place.file, member.place.range));
                change.detail = Some(format!("{from} -> {to}"));
                change.callers = self.member_users(Version::Deployed, old, member.name, false);
                changes.push(change);
            }
        }
    }

    /// Old code breaks on a member that is gone, new code on one that was not there.
    fn judge_members(
        &self,
        change: &mut Change,
        old: Option<(&Class, Name)>,
        new: Option<(&Class, Name)>,
    ) {
        change.mode = Mode::new(old.is_some(), new.is_some());
        change.breaking = old.is_some();
        let users = |version, member: Option<(&Class, Name)>| match member {
            Some((class, name)) => self.member_users(version, class, name, true),
            None => Vec::new(),
        };
        let (before, after) = (
            users(Version::Deployed, old),
            users(Version::Candidate, new),
        );
        let any = |users: &[Caller]| users.iter().any(|user| user.breaks);
        change.mode_for_calls = Mode::new(any(&before), any(&after));
        change.callers = before.into_iter().chain(after).collect();
        merge(&mut change.callers);
    }

    /// Who names a member; it breaks in another file than the enum's.
    fn member_users(
        &self,
        version: Version,
        class: &Class,
        member: Name,
        breaks: bool,
    ) -> Vec<Caller> {
        let uses = self
            .side(version)
            .contract
            .members
            .get(&(class.qualname, member));
        let uses = uses.into_iter().flatten();
        uses.map(|found| Caller {
            version,
            place: found.place,
            function: found.function.clone(),
            breaks: breaks && found.place.file != class.place.file,
        })
        .collect()
    }

    fn member(&self, kind: Kind, version: Version, class: &Class, member: &Member) -> Change {
        let side = self.side(version);
        let named = format!("{}.{}", class.qualname, member.name);
        let routes = side.facts.routes.iter().map(|route| &route.key);
        let routes: Vec<_> = routes
            .filter(|key| key.interface == named)
            .cloned()
            .collect();
        let mut change = Change::new(kind, &class.name, version, member.place);
        change.subjects = vec![member.name.to_string()];
        change.routes = routes;
        change
    }
}

/// Whether a member that is gone and one that is new are one under two names: they have the same value, which is written out.
fn is_renamed(old: &str, new: &str) -> bool {
    old == new && !old.ends_with("auto()")
}

/// Members of enums that have another name in the candidate: `Class.OLD`, `Class.NEW`.
pub(super) fn renamed_members(old: &Side, new: &Side, pairs: &Pairs) -> Vec<(String, String)> {
    let text = |side: &Side, member: &Member| {
        let content = side.tree.file(member.place.file).text.content();
        let range = member.value.start as usize..member.value.end as usize;
        super::one_line(content.get(range).unwrap_or_default())
    };
    let mut found = Vec::new();
    for &(i, j) in &pairs.classes {
        let (a, b) = (&old.contract.classes[i], &new.contract.classes[j]);
        let (Some(before), Some(after)) = (&a.members, &b.members) else {
            continue;
        };
        let lacks = |members: &[Member], name: Name| members.iter().all(|other| other.name != name);
        for member in before.iter().filter(|member| lacks(after, member.name)) {
            let own = text(old, member);
            let twin = after
                .iter()
                .filter(|other| lacks(before, other.name))
                .find(|other| is_renamed(&own, &text(new, other)));
            if let Some(twin) = twin {
                found.push((
                    format!("{}.{}", a.qualname, member.name),
                    format!("{}.{}", b.qualname, twin.name),
                ));
            }
        }
    }
    found
}
