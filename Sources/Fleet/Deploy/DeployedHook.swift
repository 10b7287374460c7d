package import PrimitiveKit
import Rollout

extension HookPoint {
  /// What plugins have to say of a deploy that ended, however it ended.
  package static let deployed = HookPoint(
    "deployed",
    "Asked once when a deploy has ended and was not interrupted, with its report; the text it answers, or a list of texts, is shown",
    effect: .reads
  )
}

extension Fleet {
  /// Shows what plugins say of a deploy; the deploy stands, whatever they say.
  ///
  /// One that was interrupted has not ended: it may be resumed, and its end is told then. A run that is resumed asks again
  /// only when nobody had been asked. Throws `journal.*`.
  func tellPlugins(of report: DeployReport, named name: String, in run: Run) async throws(CallFailure) {
    guard report.rollout.exitCode != .interrupted, !hooks.plugins(with: .deployed).isEmpty else { return }
    let lines = try await run.recorded("\(name) remarks") { () async throws(CallFailure) in
      await hooks.ask(.deployed, report.value).flatMap(\.remarks)
    }
    for line in lines { dialogue.say(line) }
  }
}

extension HookAnswer {
  /// What it says, a line each.
  fileprivate var remarks: [String] {
    switch result {
    case .failure(let failure): ["hook 'deployed': \(failure.message); the deploy stands"]
    case .success(.null): []
    case .success(.string(let text)): ["\(plugin): \(text)"]
    case .success(let value):
      (try? [String](value))?.map { "\(plugin): \($0)" }
        ?? ["hook 'deployed': plugin '\(plugin)' answered \(value.literal), which is no text; the deploy stands"]
    }
  }
}
