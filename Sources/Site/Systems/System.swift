package import PrimitiveKit

/// One product of the site: its bots and what its plugin knows of them.
package struct System: Sendable, Equatable {
  package let name: String
  /// The id of the plugin that serves it.
  package let plugin: String
  /// By name, in the order of the site.
  package let hosts: [String]
  package let prefix: String
  /// Its settings as the plugin's manifest judged them: a table.
  package let config: Value
  /// The kinds of its bots; none where the plugin could not be loaded.
  package let kinds: BotKinds
  /// What domains read of the plugin's `system.lua`.
  package let sections: DataSections
  /// Why its plugin could not be loaded, so that nothing is known of its bots; nil where it was.
  package let problem: String?
  /// As the site writes it, for errors.
  package let path: String
  /// In the order of the site.
  package internal(set) var members: [Member] = []

  /// A bot of it.
  package struct Member: Sendable, Equatable {
    package let bot: String
    package let host: String
    package let kind: BotKind
  }

  /// A system of this site; `sections` are nil where the plugin that serves it could not be loaded, for this `problem`.
  package init(_ entry: SystemSettings.Entry, config: Value, sections: DataSections?, problem: String? = nil) {
    (name, plugin, hosts, prefix, path) = (entry.name, entry.plugin, entry.hosts, entry.prefix, entry.path)
    self.config = config
    self.sections = sections ?? DataSections()
    self.problem = problem
    kinds = self.sections[BotKinds.self]
  }

  /// All its bots.
  package var bots: NameSet { NameSet(names: members.map(\.bot)) }

  /// Its bots of each kind; a kind without any is there, too.
  package var botsByKind: [String: NameSet] {
    let found = Dictionary(grouping: members) { $0.kind.name }
    return Dictionary(
      uniqueKeysWithValues: kinds.kinds.map { kind in
        (kind.name, NameSet(names: (found[kind.name] ?? []).map(\.bot)))
      }
    )
  }

  /// Its bots in each role.
  package var botsByRole: [String: NameSet] {
    var roles: [String: NameSet] = [:]
    for kind in kinds.kinds {
      guard let role = kind.role else { continue }
      roles[role] = (roles[role] ?? NameSet()).union(botsByKind[kind.name] ?? NameSet())
    }
    return roles
  }

  /// A text of a kind for one of its bots: `%b` is the bot, `%k` its name without the prefix, `%s` the system.
  package func expand(_ template: String, for bot: String) -> String {
    let values: [Character: String] = ["b": bot, "k": String(bot.dropFirst(prefix.count)), "s": name]
    var text = ""
    var isEscape = false
    for character in template {
      if isEscape, let value = values[character] {
        text.removeLast()
        text += value
        isEscape = false
      } else {
        text.append(character)
        isEscape = character == "%"
      }
    }
    return text
  }

  /// The unit of one of its bots; nil where its kind has none.
  package func unit(of member: Member) -> String? { member.kind.unit.map { expand($0, for: member.bot) } }

  /// What shows that one of its bots is ready; nil where running is enough.
  package func readiness(of member: Member) -> Readiness? {
    member.kind.ready?.expanded { expand($0, for: member.bot) }
  }

  /// Kinds that one of its bots needs and that none of its bots is of, as `system.lua` names them.
  package func missingKinds(for member: Member) -> [String] {
    member.kind.needs.filter { need in !members.contains { $0.kind.name == need } }
  }

  /// The bots that one of its bots needs.
  package func needs(of member: Member) -> [String] {
    members.filter { member.kind.needs.contains($0.kind.name) }.map(\.bot)
  }
}
