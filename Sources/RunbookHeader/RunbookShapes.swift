package import PrimitiveKit

/// The table that the file of a runbook returns; checks, help and annotations read the same names.
package enum RunbookShapes {
  package static let all = [header, parameter, lock, confirmation, requirements, policy]

  package static let header = LuaShape(
    "opsh.Runbook",
    "The table that the file of a runbook returns",
    fields: [
      FieldInfo("version", "string", "Three numbers such as `1.0.0`"),
      FieldInfo("summary", "string?", "What it does, in one line"),
      FieldInfo("owner", "string?", "Who maintains it"),
      FieldInfo("updated", "string?", "A date such as `2026-11-02`"),
      FieldInfo("review_after", "string|integer?", "A date, or days after `updated`"),
      FieldInfo("refs", "string[]?", "Pages that explain more"),
      FieldInfo("params", "(opsh.Parameter|string)[]?", "Its parameters, in the order of help"),
      FieldInfo("effects", "(\(words(Effect.self)))[]?", "What it may do; `reads` always"),
      FieldInfo("lock", "string|opsh.Lock|(string|opsh.Lock)[]?", "What it locks, with parameters in braces"),
      FieldInfo("confirm", "\(words(RunbookConfirmation.Kind.self))|opsh.Confirmation?", "What a person must type"),
      FieldInfo("cures", "string[]?", "Checks it is to make OK; they do not keep it from beginning"),
      FieldInfo("emergency", "boolean?", "Start whatever the gates of the site say"),
      FieldInfo("requires", "opsh.Requirements?", "Versions and plugins it needs"),
      FieldInfo("exactness", "number|string?", "The least share of changes a plan must predict, such as `95%`"),
      FieldInfo("signed", "boolean?", "Whether its file must be signed"),
      FieldInfo("on_failure", "\(words(RunbookPolicy.Failure.self))?", "What follows a failed step in batch"),
      FieldInfo("policy", "opsh.Policy?", "The same, with retries"),
      FieldInfo("check", "fun(job: opsh.Job, args: table): any", "Looks first; the plan is made with its result"),
      FieldInfo("run", "fun(job: opsh.Job, args: table, found: any): any", "Does the work, in steps"),
      FieldInfo("undo", "fun(job: opsh.Job, args: table, result: any)", "Undoes what no step undoes"),
      FieldInfo("verify", "fun(job: opsh.Job, args: table, result: any, found: any)", "Checks that the work is done"),
    ].map { ["check", "undo", "verify"].contains($0.name) ? $0.optional : $0 }
  )

  package static let parameter = LuaShape(
    "opsh.Parameter",
    "One parameter of a runbook, or of a primitive of a plugin",
    fields: [
      FieldInfo("[1]", "string?", "Its name; or `name`"),
      FieldInfo("name", "string?", "Its name"),
      FieldInfo("type", "\(types)?", "What its value is; a string"),
      FieldInfo("default", "any?", "Its value where none is given; without one it is required"),
      FieldInfo("choices", "any[]?", "The only values it may have"),
      FieldInfo("completion", "\(completions)?", "What Tab offers"),
      FieldInfo("help", "string?", "What it is, in one line"),
      FieldInfo("required", "boolean?", "`false` for one that may be left out and has no default"),
      FieldInfo("min", "number|string?", "The least value, or number of elements"),
      FieldInfo("max", "number|string?", "The greatest value, or number of elements"),
      FieldInfo("pattern", "string?", "A regular expression that the whole text must match"),
    ]
  )

  package static let lock = LuaShape(
    "opsh.Lock",
    "What a runbook locks",
    fields: [
      FieldInfo("scope", "string", "For example `host/{target}`"),
      FieldInfo("mode", "\"exclusive\"|\"shared\"?", "Whether others may hold it too; exclusive"),
    ]
  )

  package static let confirmation = LuaShape(
    "opsh.Confirmation",
    "What a person must type before a runbook begins",
    fields: [
      FieldInfo("type", words(RunbookConfirmation.Kind.self), "What is typed"),
      FieldInfo(
        "value",
        "string|fun(plan: table): any?",
        "A text with parameters in braces, or a function of the plan"
      ),
      FieldInfo("text", "string?", "The question"),
    ]
  )

  package static let requirements = LuaShape(
    "opsh.Requirements",
    "What must be there for a runbook to run",
    fields: [
      FieldInfo("opsh", "string?", "Versions of opsh, such as `>=0.1`"),
      FieldInfo("plugins", "string[]|table<string, string>?", "Plugins, or plugins with versions"),
    ]
  )

  package static let policy = LuaShape(
    "opsh.Policy",
    "What happens in batch, where nobody can be asked",
    fields: [
      FieldInfo("on_failure", "\(words(RunbookPolicy.Failure.self))?", "What follows a failed step"),
      FieldInfo("retries", "integer?", "How often a failed step is tried again before that"),
    ]
  )

  private static let completions = ["none", "hosts", "bots", "selectors", "images", "files"].map { "\"\($0)\"" }
    .joined(separator: "|")

  private static var types: String {
    (ParameterType.names.map { "\"\($0)\"" } + ["string"]).joined(separator: "|")
  }

  private static func words<Word: CaseIterable & RawRepresentable<String>>(_ type: Word.Type) -> String {
    type.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: "|")
  }
}

extension FieldInfo {
  /// The same field, which may be left out.
  fileprivate var optional: FieldInfo { FieldInfo(name, "\(type)?", help) }
}
