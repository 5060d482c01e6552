//! Membership of groups, from the group's side.
use super::people::Membership;
use super::state::World;

impl World {
    /// Makes exactly these the members of a group; `None` changes nothing.
    pub(crate) fn set_priorities(&mut self, group: i64, priorities: Option<&[(String, String)]>) {
        let Some(priorities) = priorities else { return };
        let priority =
            |id: &str| priorities.iter().find(|(member, _)| member == id).map(|(_, priority)| priority);
        for agent in self.agents.values_mut() {
            put(&mut agent.groups, group, priority(&agent.id));
        }
        for bot in self.bots.values_mut() {
            if let Some(groups) = &mut bot.groups {
                put(groups, group, priority(&bot.id));
            }
        }
    }
}

fn put(groups: &mut Membership, group: i64, priority: Option<&String>) {
    match priority {
        Some(priority) => groups.insert(group, priority.clone()),
        None => groups.remove(&group),
    };
}
