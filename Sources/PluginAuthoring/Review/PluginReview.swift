import Foundation
package import Foundations
package import PrimitiveKit
package import RunbookLint
package import Specs

/// Looks for mistakes in a plugin's folder: loads it in a pretend world, lints its files and runs its specs.
package struct PluginReview: Sendable {
  private let specs: Specs
  private let today: CalendarDate
  private let luacheck: RunbookLint.LuacheckProgram?
  private let shell: ShellCheck

  /// Parses a script with `sh -n` and answers what it says: lines such as `driver.sh: 3: Syntax error: …`.
  package typealias ShellCheck = @Sendable (_ path: String) async -> String

  package init(
    _ specs: Specs,
    today: CalendarDate,
    luacheck: RunbookLint.LuacheckProgram? = nil,
    shell: @escaping ShellCheck
  ) {
    self.specs = specs
    self.today = today
    self.luacheck = luacheck
    self.shell = shell
  }

  /// Throws `plugin.missing` for a folder that holds no plugin; every other mistake is in the report.
  package func review(_ path: String) async throws(CallFailure) -> PluginReport {
    guard FileManager.default.fileExists(atPath: "\(path)/plugin.lua") else {
      throw CallFailure(
        .invalid,
        code: "plugin.missing",
        message: "\(path) has no plugin.lua",
        hint: "give the folder of a plugin; `opsh plugin new ID` writes one"
      )
    }
    var report = PluginReport(path: path)
    let opened: OpenedPlugin
    do throws(CallFailure) {
      opened = try await specs.open(path)
    } catch {
      report.problem = error
      return report
    }
    report.provides = opened.provides
    report.lint = await lint(path, opened)
    for spec in (try? Specs.paths(in: [path])) ?? [] { report.specs.append(await specs.run(spec)) }
    return report
  }

  private func lint(_ path: String, _ opened: OpenedPlugin) async -> LintReport {
    let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
    let shown = names.sorted().filter { name in !name.split(separator: "/").contains { $0.hasPrefix(".") } }
    let lint = RunbookLint(
      engine: opened.engine,
      catalog: opened.catalog.infos,
      today: today,
      luacheck: luacheck,
      refusal: { opened.refusal(of: $0) }
    )
    let scripts = shown.filter { $0.hasSuffix(".lua") }.map { "\(path)/\($0)" }
    let report = await lint.run(LintOptions(scripts))
    // The version and the signature of a plugin cover its runbooks, so it needs no VERSIONS.
    var findings = report.findings.filter { $0.rule != .versionUnlisted || $0.severity == .error }
    findings += await ExampleLint(opened, in: path).findings(opened, today: today)
    for name in shown where name.hasSuffix(".sh") { findings += await shellFindings("\(path)/\(name)") }
    return LintReport(findings, files: report.files, notes: report.notes)
  }

  private func shellFindings(_ path: String) async -> [LintFinding] {
    await shell(path).split(separator: "\n").map { line in
      let parts = line.dropFirst(path.count + 1).split(separator: ":", maxSplits: 1)
      let number = parts.first.flatMap { Int($0.trimmingCharacters(in: .whitespaces)) }
      let words = number == nil ? String(line) : parts.last.map { $0.trimmingCharacters(in: .whitespaces) } ?? ""
      return LintFinding(.syntax, at: SourcePlace(file: path, line: number ?? 1), words)
    }
  }
}

/// What a look at a plugin's folder found.
package struct PluginReport: Sendable {
  package let path: String
  /// What it provides, a line each.
  package internal(set) var provides: [String] = []
  /// Why it cannot be loaded; nil when it can.
  package internal(set) var problem: CallFailure?
  package internal(set) var lint = LintReport([], files: 0)
  package internal(set) var specs: [SpecResult] = []

  init(path: String) { self.path = path }

  /// 0, 1 where a spec failed, 65 where it cannot be loaded, a file has a mistake or a spec cannot be run.
  package var exitCode: ExitCode {
    if problem != nil || lint.errors > 0 { return .dataInvalid }
    return SpecReport(specs).exitCode
  }

  /// As people read it.
  package var text: String {
    if let problem {
      // Where it went wrong comes first.
      let place = problem.trace.first.map { problem.message.hasPrefix($0) ? "" : "\($0): " } ?? ""
      let hint = problem.hint.map { "\n    \($0)" } ?? ""
      return "\(place)\(problem.message)\(hint)\n\(path): cannot be loaded"
    }
    let about = "\(path): \(provides.isEmpty ? "provides nothing" : provides.joined(separator: ", "))"
    let tests = specs.isEmpty ? "\(path) has no specs; their names end in _spec.lua" : SpecReport(specs).text
    return "\(about)\n\(lint.text)\n\(tests)"
  }

  package var value: Value {
    .table([
      "plugin": .string(path), "problem": problem.map { .string($0.message) } ?? .null, "provides": provides.value,
      "findings": .array(lint.findings.map(\.value)), "specs": .array(SpecReport(specs).value),
    ])
  }
}
