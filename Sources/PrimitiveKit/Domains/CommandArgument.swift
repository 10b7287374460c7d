/// One declared word or option of a sub-command, typed as the parameter of a primitive is.
package struct CommandArgument<Wrapped: ValueConvertible>: Sendable {
  package let info: CommandArgumentInfo
  private let fallback: Wrapped?

  /// Declares a word that must be given; the help is what it is, for example `the id of a run`.
  package static func word(_ name: String, _ help: String, completion: Completion? = nil) -> Self {
    Self(.word, name, help, completion: completion)
  }

  /// Declares a word that may be left out.
  package static func word(
    _ name: String,
    default fallback: Wrapped,
    _ help: String,
    completion: Completion? = nil
  ) -> Self {
    Self(.word, name, help, fallback: fallback, completion: completion)
  }

  /// Declares an option that must be given; `value` is what help calls its value.
  package static func option(_ name: String, _ value: String, _ help: String, completion: Completion? = nil) -> Self {
    Self(.option, name, help, valueName: value, completion: completion)
  }

  /// Declares an option that may be left out.
  package static func option(
    _ name: String,
    _ value: String,
    default fallback: Wrapped,
    letter: Character? = nil,
    _ help: String,
    completion: Completion? = nil
  ) -> Self {
    Self(.option, name, help, valueName: value, letter: letter, fallback: fallback, completion: completion)
  }

  fileprivate init(
    _ place: CommandArgumentInfo.Place,
    _ name: String,
    _ help: String,
    valueName: String? = nil,
    letter: Character? = nil,
    fallback: Wrapped? = nil,
    completion: Completion? = nil
  ) {
    self.fallback = fallback
    info = CommandArgumentInfo(
      place: place,
      name: name,
      letter: letter,
      valueName: valueName,
      type: Wrapped.luaType,
      help: help,
      isRequired: fallback == nil,
      defaultValue: fallback.flatMap { [.null, .array([])].contains($0.value) ? nil : $0.value.literal },
      completion: completion ?? Wrapped.completion
    )
  }

  /// The value of what was given.
  ///
  /// Throws `usage.argument` for a word that is missing or blank, and `usage.option` for an option.
  package func decode(_ given: CommandWords, of command: SubcommandInfo) throws(CallFailure) -> Wrapped {
    let texts = given.texts(of: info, among: command.arguments)
    if let text = texts.last { try info.check(text, of: command) }
    if texts.isEmpty || (info.isWord && texts.contains("")) {
      if texts.isEmpty, let fallback { return fallback }
      let what = info.isWord ? info.help : info.usage
      throw command.failure("\(command.name) needs \(what)", isOption: !info.isWord)
    }
    do throws(ConversionError) {
      return try Wrapped(info.value(of: texts))
    } catch {
      throw command.failure(
        "\(info.title) should be \(error.expected), got \(error.found)",
        isOption: !info.isWord,
        hint: error.hint
      )
    }
  }
}

extension CommandArgument<[String]> {
  /// Declares any number of words, at least one.
  package static func words(_ name: String, _ help: String, completion: Completion? = nil) -> Self {
    Self(.words, name, help, completion: completion)
  }

  /// Declares any number of words, or none.
  package static func anyWords(_ name: String, _ help: String, completion: Completion? = nil) -> Self {
    Self(.words, name, help, fallback: [], completion: completion)
  }
}

extension CommandArgument<Bool> {
  /// Declares an option without a value.
  package static func flag(_ name: String, letter: Character? = nil, _ help: String) -> Self {
    Self(.flag, name, help, letter: letter, fallback: false)
  }
}

/// What tools need to know about a word or an option.
package struct CommandArgumentInfo: Sendable, Equatable {
  /// Where it stands on the command line: a word, the rest of the words, an option with a value, or a flag.
  package enum Place: Sendable { case word, words, option, flag }

  package let place: Place
  /// The long name of an option, or what help calls a word, for example `RUN`.
  package let name: String
  package let letter: Character?
  /// What help calls the value of an option; nil for a flag and for words.
  package let valueName: String?
  /// The LuaLS annotation.
  package let type: String
  package let help: String
  package let isRequired: Bool
  /// The default as Lua source; nil without one.
  package let defaultValue: String?
  package let completion: Completion

  package var isWord: Bool { place == .word || place == .words }

  /// The name as an operator types it: `--from`, `RUN`.
  package var title: String { isWord ? name : "--\(name)" }

  /// The name with its value: `--from STEP`, `RUN`, `FILE…`.
  package var usage: String {
    switch place {
    case .word: name
    case .words: isRequired ? "\(name)…" : "\(name) …"
    case .option: "--\(name) \(valueName ?? "VALUE")"
    case .flag: "--\(name)"
    }
  }

  // Numbers and flags are typed here; every other type reads text itself, as it does from Lua.
  fileprivate func value(of texts: [String]) -> Value {
    if place == .flag { return .bool(true) }
    if type.hasSuffix("[]") { return .array(texts.map(value)) }
    return texts.last.map(value) ?? .null
  }

  private func value(_ text: String) -> Value {
    switch type.prefix(while: { $0 != "?" && $0 != "[" }) {
    case "integer": Int(text).map(Value.int) ?? .string(text)
    case "number": Double(text).map(Value.number) ?? .string(text)
    default: .string(text)
    }
  }

  fileprivate func check(_ text: String, of command: SubcommandInfo) throws(CallFailure) {
    guard case .choices(let choices) = completion, !choices.contains(text) else { return }
    let list = choices.dropLast().joined(separator: ", ") + (choices.count > 1 ? " or " : "") + (choices.last ?? "")
    throw command.failure(
      "\(title) should be \(list), got '\(text)'",
      isOption: !isWord,
      hint: NearestName.question(for: text, in: choices)
    )
  }
}

/// What follows a command on the command line, as text.
package struct CommandWords: Sendable, Equatable {
  package var words: [String]
  /// The values of each option that was given, by its long name; of a flag, empty texts.
  package var options: [String: [String]]

  package init(words: [String] = [], options: [String: [String]] = [:]) {
    self.words = words
    self.options = options
  }

  func texts(of argument: CommandArgumentInfo, among arguments: [CommandArgumentInfo]) -> [String] {
    guard argument.isWord else { return options[argument.name] ?? [] }
    let place = arguments.filter(\.isWord).firstIndex(of: argument) ?? 0
    let rest = words.dropFirst(place)
    return Array(argument.place == .words ? rest : rest.prefix(1))
  }
}
