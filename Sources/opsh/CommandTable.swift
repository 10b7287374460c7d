import PrimitiveKit

/// The commands of the program, by name.
struct CommandTable: Sendable {
  let commands: [Subcommand]

  /// The first words of all names.
  var names: [String] { unique(commands.map(\.firstWord)) }

  /// The commands whose names begin with this word.
  func group(_ word: String) -> [Subcommand] { commands.filter { $0.firstWord == word } }

  /// The command that these words name, and what follows its name; nil when they name none.
  ///
  /// Throws `usage.argument` for a second word that is missing or unknown.
  func find(_ words: [String]) throws(CallFailure) -> (command: Subcommand, rest: [String])? {
    guard let first = words.first else { return nil }
    let group = group(first)
    if let second = words.dropFirst().first, let found = group.first(where: { $0.info.name == "\(first) \(second)" }) {
      return (found, Array(words.dropFirst(2)))
    }
    let seconds = group.compactMap(\.secondWord)
    let own = group.first { $0.secondWord == nil }
    if let own, seconds.isEmpty || words.count == 1 || !own.info.words.isEmpty {
      return (own, Array(words.dropFirst()))
    }
    guard !seconds.isEmpty else { return nil }
    let list = seconds.joined(separator: "|")
    let usage = "usage: opsh \(first) \(own == nil ? list : "[\(list)]")"
    guard let second = words.dropFirst().first, !second.isEmpty else {
      throw failure("\(first) needs a command: \(seconds.joined(separator: ", "))", usage)
    }
    throw failure("unknown \(first) command '\(second)'", NearestName.question(for: second, in: seconds) ?? usage)
  }

  /// The error for an option that only commands take, given without a command.
  func failure(unused option: String, in form: String) -> CallFailure {
    let hint: String
    let owners = unique(
      commands.filter { command in command.info.options.contains { $0.name == option } }.map(\.info.name)
    )
    if Options.running.map(\.name).contains(option) {
      hint = "use it with a script or a runbook: opsh [options] FILE.lua"
    } else if owners.isEmpty {
      hint = "leave it out"
    } else {
      hint = "it is an option of " + owners.map { "`opsh \($0)`" }.joined(separator: ", ")
    }
    return CallFailure(.usage, code: "usage.option", message: "--\(option) does nothing \(form)", hint: hint)
  }

  private func failure(_ message: String, _ hint: String) -> CallFailure {
    CallFailure(.usage, code: "usage.argument", message: message, hint: hint)
  }

  private func unique(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }
}

extension Subcommand {
  fileprivate var firstWord: String { String(info.name.prefix { $0 != " " }) }

  fileprivate var secondWord: String? {
    info.name.contains(" ") ? String(info.name.drop { $0 != " " }.dropFirst()) : nil
  }
}
