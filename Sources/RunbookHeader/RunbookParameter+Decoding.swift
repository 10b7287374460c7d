import Foundations
import LuaRuntime
package import PrimitiveKit

extension RunbookParameter {
  private static let example = "a list such as { { \"target\", type = \"hosts\" } }"
  private static let fields = ["1"] + RunbookShapes.parameter.fieldNames.filter { $0 != "[1]" }

  /// Reads parameters that something else than a runbook declares, such as a primitive of a plugin, by the same rules.
  ///
  /// `path` is the field of the list, as it would be written in Lua. Answers what is wrong too, without its place.
  package static func declared(_ list: Value, path: String) -> ([RunbookParameter], [HeaderProblem]) {
    let problems = HeaderProblems()
    let parameters = self.list(HeaderField(content: .value(list), path: path, problems: problems))
    return (parameters, problems.list)
  }

  /// Reads the list of parameters; one that is wrong is left out.
  static func list(_ field: HeaderField?) -> [RunbookParameter] {
    guard let field, let entries = field.list(example) else { return [] }
    var parameters: [RunbookParameter] = []
    for entry in entries {
      guard let parameter = RunbookParameter(reading: entry) else { continue }
      if parameters.contains(where: { $0.name == parameter.name }) {
        entry.problems.add(.wrong, entry.path, "the parameter '\(parameter.name)' is declared twice")
      } else {
        parameters.append(parameter)
      }
    }
    return parameters
  }

  private init?(reading entry: HeaderField) {
    // `{ "target" }` and `"target"` are lists and texts; with a field by name it is a table whose position reads as "1".
    if case .array = entry.value {
      guard let elements = entry.list("a parameter"), elements.count == 1 else {
        entry.wrong("one name and named fields", hint: "for example { \"target\", type = \"hosts\" }")
        return nil
      }
      self.init(named: elements[0])
      return
    }
    if case .string = entry.value {
      self.init(named: entry)
      return
    }
    guard entry.allow(RunbookParameter.fields, "a parameter such as { \"target\", type = \"hosts\" }") else {
      return nil
    }
    let named = entry.optional("1") ?? entry.optional("name")
    guard let named else {
      entry.problems.add(.missing, entry.path, "has no name", hint: "the name comes first: { \"target\", … }")
      return nil
    }
    guard let name = RunbookParameter.name(named) else { return nil }
    self.init(name: name, type: RunbookParameter.type(entry.optional("type")) ?? ParameterType(.string))
    help = entry.optional("help")?.text("one line of text")
    completion = entry.optional("completion").flatMap(RunbookParameter.completion) ?? type.completion
    readLimits(entry)
    readChoices(entry.optional("choices"))
    readDefault(entry)
  }

  private init?(named field: HeaderField) {
    guard let name = RunbookParameter.name(field) else { return nil }
    self.init(name: name, type: ParameterType(.string))
  }

  private static func name(_ field: HeaderField) -> String? {
    guard let text = field.text("the name of a parameter") else { return nil }
    guard LuaWord.isName(text) else {
      field.wrong("a Lua name: letters, digits and _, not a keyword")
      return nil
    }
    return text
  }

  private static func type(_ field: HeaderField?) -> ParameterType? {
    guard let field, let text = field.text("the name of a type") else { return nil }
    if let type = ParameterType(text) { return type }
    let hint = NearestName.question(for: text, in: ParameterType.names)
    field.wrong("a type", hint: hint ?? "the types are \(ParameterType.names.joined(separator: ", ")) and list of …")
    return nil
  }

  private static func completion(_ field: HeaderField) -> Completion? {
    let kinds: [String: Completion] = [
      "none": .none, "hosts": .hosts, "bots": .bots, "selectors": .selectors, "images": .images, "files": .files,
    ]
    guard let text = field.text("what to complete") else { return nil }
    let kind = kinds[text]
    if kind == nil {
      let names = kinds.keys.sorted()
      field.wrong("one of \(names.joined(separator: ", "))", hint: NearestName.question(for: text, in: names))
    }
    return kind
  }

  private mutating func readLimits(_ entry: HeaderField) {
    minimum = limit(entry.optional("min"))
    maximum = limit(entry.optional("max"))
    if let minimum, let maximum, minimum > maximum { entry.optional("min")?.wrong("at most the value of `max`") }
    guard let field = entry.optional("pattern"), let text = field.text("a regular expression") else { return }
    guard ![.integer, .number, .boolean, .duration].contains(type.kind) else {
      return field.wrong("no pattern: only texts can have one, and this is of type \(type)")
    }
    if text.contains("%") {
      field.wrong("a regular expression, not a Lua pattern", hint: "write \\\\d for %d, \\\\w for %w")
    } else if (try? Regex(text)) == nil {
      field.wrong("a regular expression")
    } else {
      pattern = text
    }
  }

  private func limit(_ field: HeaderField?) -> Double? {
    guard let field else { return nil }
    guard type.isOrdered else {
      field.wrong("no bound: only numbers, durations and lists have min and max, and this is of type \(type)")
      return nil
    }
    if !type.isList, type.kind == .duration, let duration = try? Duration(field.value) { return duration.seconds }
    guard let number = try? Double(field.value), number.isFinite else {
      field.wrong(type.kind == .duration && !type.isList ? "a duration" : "a number")
      return nil
    }
    return number
  }

  private mutating func readChoices(_ field: HeaderField?) {
    guard let field, let list = field.list("a list of choices") else { return }
    let element = ParameterType(type.kind)
    for choice in list {
      do throws(ConversionError) {
        choices.append(try element.value(of: choice.value))
      } catch {
        choice.wrong(error.expected, hint: error.hint)
      }
    }
    if list.isEmpty { field.wrong("at least one choice") }
    if case .none = completion { completion = .choices(choices.map(RunbookParameter.word)) }
  }

  private mutating func readDefault(_ entry: HeaderField) {
    let needed = entry.optional("required").flatMap { $0.bool() }
    isRequired = needed ?? true
    guard let field = entry.optional("default") else { return }
    isRequired = false
    if needed == true { entry.optional("required")?.wrong("no `required` together with a default") }
    do throws(ConversionError) {
      let value = try type.value(of: field.value)
      try check(value)
      fallback = value
    } catch {
      field.wrong(error.expected, hint: error.hint)
    }
  }
}
