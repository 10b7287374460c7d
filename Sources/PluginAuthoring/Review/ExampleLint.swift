import Foundation
import Foundations
import PrimitiveKit
import RunbookLint
import Specs

/// Looks for mistakes in the examples of a plugin's primitives, which operators copy: each as if it were a script.
struct ExampleLint: LintFiles {
  /// The examples by the names they are read under.
  private let examples: [String: Example]
  private let manifest: String

  /// `path` is the folder of the plugin.
  init(_ opened: OpenedPlugin, in path: String) {
    manifest = "\(path)/plugin.lua"
    let all = opened.examples.enumerated().map { ("\(path)/example-\($0.offset + 1).lua", $0.element) }
    examples = Dictionary(uniqueKeysWithValues: all)
  }

  /// What is wrong, at the line of the manifest that has the example.
  func findings(_ opened: OpenedPlugin, today: CalendarDate) async -> [LintFinding] {
    let lint = RunbookLint(engine: opened.engine, catalog: opened.catalog.infos, today: today, files: self)
    let report = await lint.run(LintOptions(examples.keys.sorted()))
    let lines = (try? String(contentsOfFile: manifest, encoding: .utf8))?.components(separatedBy: "\n") ?? []
    return report.findings.filter { $0.severity == .error }.map { finding in
      let code = examples[finding.place.file]?.code ?? ""
      // Quotes may be escaped there.
      let line = lines.firstIndex { $0.replacing("\\\"", with: "\"").contains(code) }.map { $0 + 1 } ?? 1
      return LintFinding(
        finding.rule,
        at: SourcePlace(file: manifest, line: line),
        "the example `\(code)`: \(finding.message)",
        hint: finding.hint
      )
    }
  }

  package func read(_ path: String) throws(CallFailure) -> [UInt8]? { examples[path].map { Array($0.code.utf8) } }
  package func names(in folder: String) -> [String]? { nil }
  package func write(_ bytes: [UInt8], to path: String) throws(CallFailure) {}
}
