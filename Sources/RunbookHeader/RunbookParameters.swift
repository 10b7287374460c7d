package import PrimitiveKit

/// Binds what was given to the parameters of a runbook.
package struct RunbookParameters: Sendable {
  /// One argument as it was given.
  package enum Given: Sendable, Equatable {
    /// A word of the command line.
    case text(String)
    /// A value of Lua.
    case value(Value)
  }

  package let list: [RunbookParameter]
  /// The name of the runbook, for messages.
  private let name: String
  private let command: String

  /// `path` is the file, as it is typed on the command line.
  package init(_ header: RunbookHeader, path: String) {
    list = header.params
    name = RunbookFile.name(of: path)
    command = path
  }

  /// The call on the command line, optional parameters in brackets.
  package var usage: String {
    let words = list.map { parameter in
      let word = "\(parameter.name)=\(parameter.usageWord)"
      return parameter.isRequired ? word : "[\(word)]"
    }
    return (["opsh", command] + words).joined(separator: " ")
  }

  /// Binds `name=value` words, and what the site gives; throws `runbook.argument` and `site.invalid`.
  package func bind(words: [String], site: SiteArguments? = nil) throws(CallFailure) -> RunbookArguments {
    var given: [String: Given] = [:]
    for word in words {
      guard let equals = word.firstIndex(of: "="), equals > word.startIndex else {
        throw failure("\(name): arguments after the runbook must be name=value, got '\(word)'")
      }
      let key = String(word[..<equals])
      guard given.updateValue(.text(String(word[word.index(after: equals)...])), forKey: key) == nil else {
        throw failure("\(name): '\(key)' is given twice")
      }
    }
    return try bind(given, site: site)
  }

  /// Binds values of Lua, and what the site gives; throws `runbook.argument` and `site.invalid`.
  package func bind(values: [String: Value], site: SiteArguments? = nil) throws(CallFailure) -> RunbookArguments {
    try bind(values.filter { $0.value != .null }.mapValues(Given.value), site: site)
  }

  /// Checks names and values, and adds what the site gives and the defaults.
  ///
  /// Throws `runbook.argument`, whose hint ends with the usage line, and `site.invalid`.
  package func bind(_ given: [String: Given], site: SiteArguments? = nil) throws(CallFailure) -> RunbookArguments {
    let names = list.map(\.name)
    try site?.check(name, parameters: names)
    for name in given.keys.sorted() where !names.contains(name) {
      let near = NearestName.question(for: name, in: names)
      throw failure("\(self.name): no parameter named '\(name)'", hint: near)
    }
    var values: [String: Value] = [:]
    var fromSite: [String] = []
    for parameter in list {
      if let given = given[parameter.name] {
        values[parameter.name] = try value(given, of: parameter)
      } else if let value = try site?.value(parameter, of: name) {
        values[parameter.name] = value
        fromSite.append(parameter.name)
      } else if let fallback = parameter.fallback {
        values[parameter.name] = fallback
      }
    }
    let missing = list.filter { $0.isRequired && values[$0.name] == nil }
    if let first = missing.first {
      let words = missing.map { "'\($0.name)'" }
      let subject =
        words.count == 1 ? "\(words[0]) is" : "\(words.dropLast().joined(separator: ", ")) and \(words.last ?? "") are"
      throw failure("\(name): \(subject) missing", hint: missing.count == 1 ? first.help : nil)
    }
    return try RunbookArguments(values, fromSite: fromSite)
  }

  private func value(_ given: Given, of parameter: RunbookParameter) throws(CallFailure) -> Value {
    do throws(ConversionError) {
      switch given {
      case .text(let text):
        let value = try parameter.type.value(ofText: text)
        try parameter.check(value)
        return value
      case .value(let value): return try parameter.bound(value)
      }
    } catch {
      let message = "\(name): '\(parameter.name)' should be \(error.expected), got \(error.found)"
      throw failure(message, hint: error.hint ?? parameter.help)
    }
  }

  private func failure(_ message: String, hint: String? = nil) -> CallFailure {
    let usage = "usage: \(usage)"
    return CallFailure(
      .invalid,
      code: "runbook.argument",
      message: message,
      hint: hint.map { "\($0)\n\(usage)" } ?? usage
    )
  }
}
