import Foundation
import Foundations
import PrimitiveKit
import RunbookLint
import Runbooks
import Subprocess

extension CommandWork {
  /// Looks for mistakes in files; the findings are the output.
  func lint() async throws(CallFailure) -> [Value] {
    let options = work.invocation.runbook
    var given = words
    if options.fix { given.append("--fix") }
    if options.isStrict { given.append("--strict") }
    if work.invocation.isJSON { given.append("--json") }
    let parsed = try LintOptions(given)
    let lint = RunbookLint(
      engine: work.engine,
      catalog: work.catalog.infos,
      today: CalendarDate(Date()),
      luacheck: CommandWork.luacheck
    )
    let report = await lint.run(parsed)
    work.stage.write((parsed.isJSON ? report.json : report.text) + "\n")
    let code = report.exitCode(isStrict: parsed.isStrict)
    if code != .ok { work.stage.dialogue.note(code) }
    return []
  }

  /// Runs luacheck where it is installed.
  private static let luacheck: RunbookLint.LuacheckProgram = { text, path in
    let programs = ["/usr/bin/luacheck", "/usr/local/bin/luacheck"]
    guard let program = programs.first(where: FileManager.default.isExecutableFile(atPath:)) else { return nil }
    var request = Subprocess(path: program, arguments: Luacheck.arguments(path: path))
    request.input = Array(text.utf8)
    request.timeout = .seconds(30)
    guard let result = try? await request.run() else { return nil }
    return String(decoding: result.output, as: UTF8.self)
  }
}
