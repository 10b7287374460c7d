import PrimitiveKit
import RunbookHeader
import Runbooks

extension Subcommand {
  /// `opsh drill`.
  static var drill: Subcommand {
    Subcommand(
      "drill",
      "runs a runbook for real and records it as a drill",
      CommandArgument<RunbookPath>.word("FILE.lua", "the file of a runbook"),
      CommandArgument<[String]>.anyWords("name=value", "its parameters"),
      Options.apply,
      Options.planOut,
      Options.onFailure,
      Subcommand.approval,
      Options.junit,
      Options.report,
      exits: [.asItsRun, CommandExit(.dataInvalid, "no such file")],
      examples: [Example("opsh drill note.lua text=practice --yes", "practice with a runbook")],
      shares: [.yes, .reason],
      insteadOfDryRun: "use `opsh --dry-run FILE.lua` to see the plan"
    ) { call, file, words, _, _, _, _, _, _ async throws(CallFailure) in
      let source = try ScriptFile.read(file.path)
      guard RunbookFile.isRunbook(source) else {
        throw CallFailure(
          .invalid,
          code: "runbook.header",
          message: "\(file.path) is not a runbook; only runbooks can be drilled",
          hint: "return a table with version and run; `opsh lint` shows what is wrong"
        )
      }
      var work = try call.work
      work.invocation.runbook.isDrill = true
      work.invocation.arguments = try Invocation.arguments(words)
      return try await work.runbook(source, file.path)
    }
  }
}

/// The path of a Lua file, as a word of the command line.
struct RunbookPath: ValueConvertible {
  let path: String

  static var luaType: String { "string" }
  static var completion: Completion { .files }

  init(_ value: Value) throws(ConversionError) {
    guard case .string(let path) = value, path.hasSuffix(".lua") else {
      throw ConversionError(expected: "the path of a .lua file", found: value)
    }
    self.path = path
  }

  var value: Value { .string(path) }
}
