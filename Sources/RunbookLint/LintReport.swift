package import PrimitiveKit
import Reference

/// What `opsh lint` found in all its files.
package struct LintReport: Sendable, Equatable {
  /// By file, line and column.
  package let findings: [LintFinding]
  /// How many files were looked at.
  package let files: Int
  /// What `--fix` did, a line each.
  package let notes: [String]

  package init(_ findings: [LintFinding], files: Int, notes: [String] = []) {
    self.findings = findings.sorted { left, right in
      let (a, b) = (left.place, right.place)
      return (a.file, a.line, a.column, left.rule.rawValue, left.message)
        < (b.file, b.line, b.column, right.rule.rawValue, right.message)
    }
    self.files = files
    self.notes = notes
  }

  package var errors: Int { findings.count { $0.severity == .error } }
  package var warnings: Int { findings.count - errors }

  /// One finding a line with its hint below, and a last line that sums up.
  package var text: String { (findings.map(\.text) + notes + [sum]).joined(separator: "\n") }

  private var sum: String {
    func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
    return "\(count(files, "file")): \(count(errors, "error")), \(count(warnings, "warning"))"
  }

  /// One line of JSON.
  package var json: String {
    Value.table([
      "findings": .array(findings.map(\.value)), "files": .int(files), "errors": .int(errors),
      "warnings": .int(warnings), "notes": .array(notes.map(Value.string)),
    ]).json
  }

  /// 0 when clean, 65 with errors, 1 with warnings alone where these count.
  package func exitCode(isStrict: Bool) -> ExitCode {
    errors > 0 ? .dataInvalid : isStrict && warnings > 0 ? .failuresWithinBudget : .ok
  }
}
