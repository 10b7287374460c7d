import Foundation
import PluginHost
import PrimitiveKit
import RunReports
import Specs

extension Subcommand {
  /// `opsh spec`: runs specs; what failed is the output.
  static var spec: Subcommand {
    Subcommand(
      "spec",
      "runs specs of runbooks and plugins in a pretend world",
      CommandArgument<[String]>.words("FILE|FOLDER", "a spec, NAME_spec.lua, or a folder of specs", completion: .files),
      CommandArgument<String?>.option("only", "TEXT", default: nil, "run only the cases whose names contain this"),
      Options.junit,
      Options.report,
      exits: [
        CommandExit(.ok, "every case passed"), CommandExit(.failuresWithinBudget, "a case failed"),
        CommandExit(.dataInvalid, "a spec, or what it is about, cannot be run"),
      ],
      examples: [
        Example("opsh spec note_spec.lua", "the spec of note.lua"),
        Example("opsh spec . --junit specs.xml", "all specs of a folder, with a report for CI"),
      ],
      insteadOfDryRun: "specs change nothing"
    ) { call, words, text, _, _ async throws(CallFailure) in
      let report = try await Specs.report(of: words, only: text, in: try call.work)
      if report.exitCode != .ok { call.dialogue.note(report.exitCode) }
      if call.isJSON { return [report.value.value] }
      call.write(report.text + "\n")
      return []
    }
  }
}

extension Specs {
  /// Those of a session, with its plugins.
  init(of work: BatchWork) {
    let composition = work.composition
    self.init(
      composition.domains,
      plugins: composition.plugins.plugins,
      modules: composition.moduleRoots,
      folders: composition.runbookRoots,
      version: Opsh.version
    )
  }

  /// Runs the specs that files and folders name, and notes them for the reports that the command line asks for.
  ///
  /// Throws `spec.missing`, also where no case has `text` in its name.
  static func report(of words: [String], only text: String?, in work: BatchWork) async throws(CallFailure) -> SpecReport
  {
    let specs = Specs(of: work)
    var results: [SpecResult] = []
    for path in try paths(in: words) {
      let began = Date()
      let result = await specs.run(path, only: text)
      results.append(result)
      if result.problem == nil, result.outcomes.isEmpty { continue }
      work.reports.add(RunReport(result, began: began))
    }
    if let text, results.allSatisfy({ $0.problem == nil && $0.outcomes.isEmpty }) {
      throw CallFailure(
        .invalid,
        code: "spec.missing",
        message: "no case has \(Value.string(text).literal) in its name",
        hint: "run them all without --only"
      )
    }
    return SpecReport(results)
  }
}

extension RunReport {
  /// A spec, whose cases are its checks.
  fileprivate init(_ result: SpecResult, began: Date) {
    self.init(
      file: result.file,
      name: (result.file.split(separator: "/").last.map(String.init) ?? result.file).replacing(".lua", with: ""),
      version: nil,
      mode: .spec,
      started: began,
      seconds: result.seconds,
      exitCode: SpecReport([result]).exitCode,
      checks: result.outcomes.map(ReportCase.init),
      failure: result.problem
    )
  }
}

extension ReportCase {
  fileprivate init(_ outcome: SpecOutcome) {
    guard !outcome.isPassed else {
      self.init(outcome.name, .ok, seconds: outcome.seconds)
      return
    }
    let failure = CallFailure(
      .failed,
      code: "spec.failed",
      message: outcome.problems.joined(separator: "\n"),
      trace: ["\(outcome.place)"]
    )
    self.init(outcome.name, .failed, seconds: outcome.seconds, detail: outcome.said, failure: failure)
  }
}
