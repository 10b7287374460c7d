package import PrimitiveKit

/// The reference as Markdown: an index, a page for each family of primitives, and one for what is no primitive.
package struct ReferencePages: Sendable {
  private let primitives: [PrimitiveInfo]
  private let shapes: [LuaShape]
  private let functions: [LuaFunction]

  package init(_ primitives: [PrimitiveInfo], shapes: [LuaShape], functions: [LuaFunction]) {
    self.primitives = primitives
    self.shapes = shapes
    self.functions = functions
  }

  static let notice =
    "<!-- Generated from the declarations by `opsh reference`; a test compares them, and `OPSH_RECORD=1` rewrites it. -->"

  /// The names of the files with their texts, the index first.
  package var files: [(name: String, text: String)] {
    let families = Dictionary(grouping: primitives, by: \.family)
    let pages = families.keys.sorted().map { family in
      ("\(family).md", FamilyPage(family, families[family] ?? []).lines.joined(separator: "\n") + "\n")
    }
    return [("README.md", index(families))] + pages + [("lua.md", ShapePage(shapes, functions).text)]
  }

  private func index(_ families: [String: [PrimitiveInfo]]) -> String {
    var lines = [
      "# Reference", "", Self.notice, "",
      "Every primitive, with its arguments, results, errors and examples; each example runs as a test. `help(NAME)` shows",
      "the same at the prompt. Commands of the shell are in [commands](../commands.md). Handles, the fields of a runbook and",
      "other tables are in [lua](lua.md).", "",
    ]
    lines += MarkdownText.table(
      ["page", "primitives"],
      families.keys.sorted().map { family in
        let infos = families[family] ?? []
        return ["[\(family)](\(family).md)", infos.map { "`\($0.name)`" }.joined(separator: ", ")]
      }
    )
    lines += ["", "## How a primitive is called", ""] + Self.calls
    lines += ["", "## Effects", ""]
    lines += MarkdownText.table(["effect", "meaning"], Effect.allCases.map { ["`\($0.rawValue)`", $0.meaning] })
    lines += ["", "## Errors", ""] + Self.errors
    lines += MarkdownText.table(
      ["class", "meaning", "exit code"],
      FailureClass.allCases.map { failure in
        let code = ExitCode(failure: CallFailure(failure, code: "", message: ""))
        return ["`\(failure.rawValue)`", failure.meaning, "\(code.rawValue)"]
      }
    )
    lines += ["", "## All primitives", ""]
    lines += MarkdownText.table(
      ["primitive", "effect", "what it does"],
      primitives.map { info in
        let link = "\(info.family).md#\(MarkdownText.anchor(info.name))"
        return ["[`\(info.name)`](\(link))", info.effect.rawValue, MarkdownText.cell(info.summary)]
      }
    )
    return lines.joined(separator: "\n") + "\n"
  }

  private static let calls = [
    "Arguments are given by name in one table, or in the order of the declaration, or in order with a last table that names",
    "the rest:", "", "```lua", "fleet.logs{ on = \"web001\", lines = 5 }", "fleet.logs(\"web001\", 5)",
    "fleet.logs(\"web001\", { lines = 5 })", "```", "",
    "opsh also reads `fleet.logs<on=\"web001\", lines=5>`, at the prompt and in files. That form is not Lua: editors mark it,",
    "so prefer the table in files.",
  ]

  private static let errors = [
    "An error is a table with `code`, `class`, `message` and often `hint`; `pcall` returns it. A page lists the codes that",
    "belong to a primitive. Besides them, any call can raise `call.argument` for a wrong argument, `call.effect` where its",
    "effect is not allowed, and `call.cancelled` after Ctrl-C; a change also `lock.refused`, `guard.refused`,",
    "`gate.closed`, `approval.missing`, `plan.declined` and `prompt.not_interactive` before anything is done. Decide by",
    "`class`, not by `code`:", "",
  ]
}

extension Effect {
  /// What a call may do, in half a sentence.
  package var meaning: String {
    switch self {
    case .reads: "changes nothing"
    case .changes: "changes something on a host, in a file or in a service"
    case .trades: "can open, close or block positions"
    case .administers: "changes credentials, limits or approvals"
    }
  }
}

extension FailureClass {
  /// What kind of failure it is, in half a sentence.
  var meaning: String {
    switch self {
    case .usage: "the command line is wrong"
    case .invalid: "a script, a site, a file or an argument is wrong"
    case .refused: "a lock, a gate, an approval or a host forbids it; nothing was done"
    case .unavailable: "something cannot be reached; nothing was done"
    case .failed: "it was tried and did not succeed"
    case .unknownOutcome: "it may have happened"
    case .cancelled: "an operator gave it up"
    case .journal: "the journal or the lock failed"
    case .defect: "a bug in opsh"
    }
  }
}
