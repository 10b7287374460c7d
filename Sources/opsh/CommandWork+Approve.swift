import Approvals
import Drivers
import Foundation
import Foundations
import Journal
import PrimitiveKit
import RunbookHeader
import Runbooks
import Runs

extension CommandWork {
  /// Approves a plan file, or the plan of a run that waits for it.
  func approve() async throws(CallFailure) -> [Value] {
    let options = work.invocation.runbook
    let subject = try one("the id of a run that waits, or a plan file")
    let now = Int(Date().timeIntervalSince1970)
    let columns = work.stage.dialogue.columns
    let (plan, requester) = try await wanted(subject)
    guard plan.site == work.composition.siteName else {
      throw CallFailure(
        .refused,
        code: "plan.other_site",
        message: "the plan is for the site '\(plan.site)', and this is '\(work.composition.siteName ?? "none")'",
        hint: "--site FILE names the site of the plan"
      )
    }
    let book = try? await work.runbooks.catalog.load(plan)
    let effects = book?.header.effects ?? Set(plan.operations.map(\.effect))
    let store: (any ApprovalStore)? = options.out == nil ? work.composition.runbooks.approvals : nil
    let terms = try terms(options)
    let flow = ApproveFlow(
      signers: work.composition.runbooks.signers,
      tool: work.composition.runbooks.signatures,
      dialogue: work.stage.dialogue,
      now: { Date() }
    )
    let asked = ApproveFlow.Subject(plan, effects: effects, requester: requester, columns: columns, now: now)
    if work.invocation.session.isDryRun {
      work.stage.dialogue.say(asked.summary)
      work.stage.dialogue.say("  dry run: would ask for an approval and sign it")
      return []
    }
    let approval = try await flow.approve(
      asked,
      as: ProcessIdentity.current(version: Opsh.version, digest: "").operatorName,
      key: try key(options),
      terms: terms,
      store: store
    )
    if let path = options.out {
      try TextFile.write(approval.file, to: path)
      work.stage.dialogue.say("approval written to \(path)")
    }
    return []
  }

  /// Signs the bytes of runbooks for sites that want that.
  func sign() async throws(CallFailure) -> [Value] {
    guard !words.isEmpty else { throw command.failure("sign needs the files of runbooks") }
    let runbooks = work.composition.runbooks
    let signature = RunbookSignature(tool: runbooks.signatures, signers: runbooks.signers, now: { Date() })
    let key = try key(work.invocation.runbook)
    for path in words {
      if work.invocation.session.isDryRun {
        work.stage.dialogue.say("  dry run: would sign \(path)")
        continue
      }
      let text = try TextFile.read(path)
      let armored = try await signature.sign(Array(text.utf8), file: path, key: key)
      try TextFile.write(armored, to: RunbookSignature.path(of: path))
      work.stage.dialogue.say("signed: \(RunbookSignature.path(of: path))")
    }
    return []
  }

  private func wanted(_ subject: String) async throws(CallFailure) -> (Plan, requester: String) {
    if FileManager.default.fileExists(atPath: subject) { return (try PlanFile.read(subject).plan, "") }
    return try await work.composition.runbooks.registry.open().plan(of: subject)
  }

  private func terms(_ options: RunbookOptions) throws(CallFailure) -> ApprovalTerms {
    var lifetime = Duration.seconds(4 * 3600)
    if let text = options.expires {
      do {
        lifetime = try Duration(.string(text))
      } catch {
        throw command.failure("--expires takes a time such as 2h, got '\(text)'")
      }
    }
    guard let uses = Int(options.uses ?? "1") else {
      throw command.failure("--uses takes a number, got '\(options.uses ?? "")'")
    }
    return try ApprovalTerms(lifetime: lifetime, uses: uses, reason: work.invocation.session.reason ?? "")
  }

  private func key(_ options: RunbookOptions) throws(CallFailure) -> String {
    let environment = ProcessInfo.processInfo.environment
    if let key = options.key { return UserDirectory.expanding(key, environment) }
    // A public half stands for a key that only the agent or a token holds.
    let usual = ["id_ed25519", "id_ecdsa", "id_rsa"].flatMap {
      ["~/.ssh/\($0)", "~/.ssh/\($0).pub"].map { UserDirectory.expanding($0, environment) }
    }
    if let key = usual.first(where: FileManager.default.fileExists(atPath:)) { return key }
    throw command.failure("there is no key to sign with in ~/.ssh", hint: "--key FILE names one")
  }
}
