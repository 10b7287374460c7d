import Foundation
import Foundations
import PrimitiveKit
import RunbookHeader
import RunbookLint
import Subprocess

extension Subcommand {
  /// `opsh lint`: looks for mistakes in files; the findings are the output.
  static var lint: Subcommand {
    Subcommand(
      "lint",
      "finds mistakes in runbooks and scripts",
      CommandArgument<[String]>.words("FILE|FOLDER", "a file or a folder", completion: .files),
      CommandArgument<Bool>.flag("fix", "write runbooks/VERSIONS"),
      CommandArgument<Bool>.flag("strict", "fail on warnings too"),
      exits: [
        CommandExit(.ok, "no errors"), CommandExit(.failuresWithinBudget, "warnings with --strict"),
        CommandExit(.dataInvalid, "errors"),
      ],
      examples: [
        Example("opsh lint note.lua", "one runbook"), Example("opsh lint . --strict", "a folder, failing on warnings"),
      ]
    ) { call, paths, fixes, isStrict async throws(CallFailure) in
      let work = try call.work
      let lint = RunbookLint(
        engine: work.engine,
        catalog: work.catalog.infos,
        today: CalendarDate(Date()),
        luacheck: luacheck
      )
      let report = await lint.run(LintOptions(paths, fixes: fixes, isStrict: isStrict, isJSON: call.isJSON))
      call.write((call.isJSON ? report.json : report.text) + "\n")
      let code = report.exitCode(isStrict: isStrict)
      if code != .ok { call.dialogue.note(code) }
      return []
    }
  }

  /// Runs luacheck where it is installed.
  static let luacheck: RunbookLint.LuacheckProgram = { text, path in
    let programs = ["/usr/bin/luacheck", "/usr/local/bin/luacheck"]
    guard let program = programs.first(where: FileManager.default.isExecutableFile(atPath:)) else { return nil }
    var request = Subprocess(path: program, arguments: Luacheck.arguments(path: path))
    request.input = Array(text.utf8)
    request.timeout = .seconds(30)
    guard let result = try? await request.run() else { return nil }
    return String(decoding: result.output, as: UTF8.self)
  }
}
