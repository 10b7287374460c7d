import Foundations
package import LuaRuntime
import LuaSyntax
package import PrimitiveKit

extension RunbookHeader {
  /// Reads the header that a file returned.
  ///
  /// `source` is the text of the file, for the lines. Throws `runbook.header` for the first thing that is wrong, with
  /// field, what was expected and found, and file and line.
  package init(decoding field: LuaField, file: String, source: String) throws(CallFailure) {
    let (header, problems) = RunbookHeader.read(field, file: file, source: source)
    if let first = problems.first { throw first.failure }
    self = header
  }

  /// Reads as much of the header as is right, and everything that is wrong in the order of the file.
  package static func read(_ field: LuaField, file: String, source: String) -> (RunbookHeader, [HeaderProblem]) {
    let collected = HeaderProblems()
    let header = RunbookHeader(reading: HeaderField(content: field, path: "", problems: collected))
    var problems = collected.list
    if problems.isEmpty { return (header, []) }
    let locate = LuaFieldLocator(file: file, source: source)
    for index in problems.indices { problems[index].place = locate(problems[index].path) }
    problems.sort { left, right in
      (left.place?.line ?? 0, left.path) < (right.place?.line ?? 0, right.path)
    }
    return (header, problems)
  }

  private init(reading field: HeaderField) {
    guard field.allow(RunbookHeader.fields, "the table of a runbook") else { return }
    readIdentity(field)
    params = RunbookParameter.list(field.optional("params"))
    readEffects(field.optional("effects"))
    locks = field.optional("lock").map(readLocks) ?? []
    cures = field.optional("cures")?.texts("a list of names of checks") ?? []
    isEmergency = field.optional("emergency")?.bool() ?? false
    confirmation = field.optional("confirm").flatMap(readConfirmation)
    requirements = field.optional("requires").map(RunbookRequirements.init(reading:)) ?? RunbookRequirements()
    exactness = field.optional("exactness").flatMap(RunbookHeader.share)
    isSigned = field.optional("signed")?.bool() ?? false
    readPolicy(field)
    hasCheck = RunbookHeader.hasFunction("check", field)
    hasUndo = RunbookHeader.hasFunction("undo", field)
    hasVerify = RunbookHeader.hasFunction("verify", field)
    hasRun = RunbookHeader.hasFunction("run", field)
    if field.optional("run") == nil { _ = field.required("run", "the function that does the work") }
  }

  private mutating func readIdentity(_ field: HeaderField) {
    let expected = "three numbers such as \"1.0.0\""
    if let field = field.required("version", expected) {
      if case .string(let text) = field.value, let version = SemanticVersion(text) {
        self.version = version
      } else {
        field.wrong(expected)
      }
    }
    summary = field.optional("summary")?.text("one line of text")
    owner = field.optional("owner")?.text("who maintains it")
    references = field.optional("refs")?.texts("a list of pages") ?? []
    updated = field.optional("updated").flatMap(RunbookHeader.date)
    guard let review = field.optional("review_after") else { return }
    if case .string = review.value {
      reviewAfter = RunbookHeader.date(review)
    } else if let days = review.int(in: 1...3650) {
      guard let updated else {
        if field.optional("updated") == nil { review.wrong("a date, or a number of days together with `updated`") }
        return
      }
      reviewAfter = updated.adding(days: days)
    }
  }

  private mutating func readEffects(_ field: HeaderField?) {
    guard let field, let list = field.list("a list of effects such as { \"changes\" }") else { return }
    for effect in list.compactMap({ $0.word(Effect.self) }) { effects.insert(effect) }
  }

  private mutating func readPolicy(_ field: HeaderField) {
    if let word = field.optional("on_failure")?.word(RunbookPolicy.Failure.self) { policy.onFailure = word }
    guard let field = field.optional("policy"), field.allow(RunbookShapes.policy.fieldNames, "a table") else { return }
    if let word = field.optional("on_failure")?.word(RunbookPolicy.Failure.self) { policy.onFailure = word }
    policy.retries = field.optional("retries")?.int(in: 0...100) ?? 0
  }

  private func readLocks(_ field: HeaderField) -> [LockTemplate] {
    let expected = "a scope, { scope = \"…\" }, or a list of them"
    if case .array = field.value { return (field.list(expected) ?? []).compactMap { readLock($0, expected) } }
    return [readLock(field, expected)].compactMap { $0 }
  }

  private func readLock(_ field: HeaderField, _ expected: String) -> LockTemplate? {
    var scope: HeaderField? = field
    var mode = LockScope.Mode.exclusive
    if field.names != nil {
      guard field.allow(RunbookShapes.lock.fieldNames, expected) else { return nil }
      scope = field.required("scope", "what is locked")
      // The intents are what a lock implies, not what a person takes.
      if let named = field.optional("mode"), let text = named.text("\"exclusive\" or \"shared\"") {
        if text == "shared" {
          mode = .shared
        } else if text != "exclusive" {
          named.wrong("\"exclusive\" or \"shared\"")
        }
      }
    }
    guard let scope, let text = scope.text(expected) else { return nil }
    let template = LockTemplate(text: text, mode: mode)
    if let problem = template.problem(params) {
      scope.wrong(problem.expected, hint: problem.hint)
      return nil
    }
    return template
  }

  private func readConfirmation(_ field: HeaderField) -> RunbookConfirmation? {
    if case .string = field.value {
      return field.word(RunbookConfirmation.Kind.self).map {
        RunbookConfirmation(kind: $0, answer: .plan, text: nil)
      }
    }
    guard field.allow(RunbookShapes.confirmation.fieldNames, "a table such as { type = \"count\" }") else { return nil }
    let kind = field.required("type", "what is typed")?.word(RunbookConfirmation.Kind.self)
    var answer = RunbookConfirmation.Answer.plan
    if let value = field.optional("value") {
      if value.content.function != nil {
        answer = .function
      } else if let text = value.text("a text with parameters in braces, or a function of the plan") {
        checkPlaceholders(text, value)
        answer = .template(text)
      }
    }
    let text = field.optional("text")?.text("the question")
    if let text, let field = field.optional("text") { checkPlaceholders(text, field) }
    return kind.map { RunbookConfirmation(kind: $0, answer: answer, text: text) }
  }

  private func checkPlaceholders(_ text: String, _ field: HeaderField) {
    let names = params.map(\.name)
    for name in LockTemplate(text: text).placeholders where !names.contains(name) {
      field.wrong(
        "parameters in braces; no parameter is called '\(name)'",
        hint: NearestName.question(for: name, in: names)
      )
    }
  }

  private static func date(_ field: HeaderField) -> CalendarDate? {
    let expected = "a date such as \"2026-11-02\""
    guard let text = field.text(expected) else { return nil }
    let date = CalendarDate(text)
    if date == nil { field.wrong(expected) }
    return date
  }

  private static func share(_ field: HeaderField) -> Double? {
    var share = try? Double(field.value)
    if case .string(let text) = field.value, text.hasSuffix("%") { share = Double(text.dropLast()).map { $0 / 100 } }
    guard let share, (0...1).contains(share) else {
      field.wrong("a share from 0 to 1, or a text such as \"95%\"")
      return nil
    }
    return share
  }

  private static func hasFunction(_ name: String, _ field: HeaderField) -> Bool {
    guard let field = field.optional(name) else { return false }
    if field.content.function != nil { return true }
    field.wrong("a function")
    return false
  }
}
