import Approvals
import Drivers
import Foundation
import Foundations
import Journal
import PluginHost
import PrimitiveKit
import RunbookHeader
import Runbooks
import Runs

extension Subcommand {
  /// `opsh approve`: approves a plan file, or the plan of a run that waits for it.
  static var approve: Subcommand {
    Subcommand(
      "approve",
      "approves the plan of a waiting run, or a plan file",
      CommandArgument<String>.word("RUN|PLANFILE", "the id of a waiting run, or a plan file", completion: .files),
      key,
      CommandArgument<Duration?>.option(
        "expires",
        "TIME",
        default: nil,
        "how long it stays valid, for example 2h (default 4h)"
      ),
      CommandArgument<Int>.option("uses", "N", default: 1, "how many times it can be used"),
      CommandArgument<String?>.option("out", "FILE", default: nil, "write the approval to a file", completion: .files),
      exits: signed,
      examples: [
        Example("opsh approve 20261121-114502", "a waiting run"),
        Example("opsh approve deploy.plan --expires 2h --out deploy.approval", "a plan file, for `--approval`"),
      ],
      shares: [.dryRun, .reason],
      insteadOfYes: "an approval must come from a person, so another operator approves at a terminal"
    ) { call, subject, key, expires, uses, out async throws(CallFailure) in
      let reason = call.surroundings.options.reason ?? ""
      let terms = try ApprovalTerms(lifetime: expires ?? .seconds(4 * 3600), uses: uses, reason: reason)
      try await approve(subject, key: key, terms, out: out, try call.work)
      return []
    }
  }

  /// `opsh sign`: signs the bytes of runbooks, and the folders of plugins, for sites that want that.
  static var sign: Subcommand {
    Subcommand(
      "sign",
      "signs runbooks and plugins",
      CommandArgument<[String]>.words("FILE", "files of runbooks, folders of plugins", completion: .files),
      key,
      exits: signed,
      examples: [
        Example("opsh sign note.lua", "writes note.lua.sig"),
        Example("opsh sign plugins/desk", "writes plugins/desk.sig, for all files of the plugin"),
      ],
      shares: [.dryRun]
    ) { call, paths, key async throws(CallFailure) in
      let runbooks = try call.work.composition.runbooks
      let key = try path(ofKey: key)
      for path in paths.map({ $0.count > 1 && $0.hasSuffix("/") ? String($0.dropLast()) : $0 }) {
        if call.isDryRun {
          call.dialogue.say("  dry run: would sign \(path)")
          continue
        }
        let isPlugin = FileManager.default.fileExists(atPath: "\(path)/plugin.lua")
        let signature = RunbookSignature(
          tool: runbooks.signatures,
          signers: runbooks.signers,
          for: isPlugin ? .plugin : .runbook,
          now: { Date() }
        )
        let bytes = isPlugin ? try SealedFiles(path).text : Array(try TextFile.read(path).utf8)
        try TextFile.check(RunbookSignature.path(of: path))
        try TextFile.write(try await signature.sign(bytes, file: path, key: key), to: RunbookSignature.path(of: path))
        call.dialogue.say("signed: \(RunbookSignature.path(of: path))")
      }
      return []
    }
  }

  private static let signed = [
    CommandExit(.ok, "signed"), CommandExit(.dataInvalid, "nothing to sign, or the key is not the operator's"),
    CommandExit(.cancelled, "not confirmed"),
  ]

  private static let key = CommandArgument<String?>.option(
    "key",
    "FILE",
    default: nil,
    "the private key, or its public half if the agent holds it",
    completion: .files
  )

  private static func approve(
    _ subject: String,
    key: String?,
    _ terms: ApprovalTerms,
    out: String?,
    _ work: BatchWork
  ) async throws(CallFailure) {
    let dialogue = work.stage.dialogue
    let now = Int(Date().timeIntervalSince1970)
    let (plan, requester) = try await wanted(subject, work)
    guard plan.site == work.composition.siteName else {
      throw CallFailure(
        .refused,
        code: "plan.other_site",
        message: "the plan is for the site '\(plan.site)'; this site is '\(work.composition.siteName ?? "none")'",
        hint: "name the plan's site with --site FILE"
      )
    }
    let book = try? await work.runbooks.catalog.load(plan)
    let effects = book?.header.effects ?? Set(plan.operations.map(\.effect))
    let store: (any ApprovalStore)? = out == nil ? work.composition.runbooks.approvals : nil
    let flow = ApproveFlow(
      signers: work.composition.runbooks.signers,
      tool: work.composition.runbooks.signatures,
      dialogue: dialogue,
      now: { Date() }
    )
    let asked = ApproveFlow.Subject(plan, effects: effects, requester: requester, columns: dialogue.columns, now: now)
    if work.invocation.session.isDryRun {
      dialogue.say(asked.summary)
      dialogue.say("  dry run: would ask for an approval and sign it")
      return
    }
    if let out { try TextFile.check(out) }
    let approval = try await flow.approve(
      asked,
      as: ProcessIdentity.current(version: Opsh.version, digest: "").operatorName,
      key: try path(ofKey: key),
      terms: terms,
      store: store
    )
    if let out {
      try TextFile.write(approval.file, to: out)
      dialogue.say("approval written to \(out)")
    }
  }

  private static func wanted(_ subject: String, _ work: BatchWork) async throws(CallFailure)
    -> (Plan, requester: String)
  {
    if FileManager.default.fileExists(atPath: subject) { return (try PlanFile.read(subject).plan, "") }
    return try await work.composition.runbooks.registry.open().waitingPlan(of: subject)
  }

  private static func path(ofKey key: String?) throws(CallFailure) -> String {
    let environment = ProcessInfo.processInfo.environment
    if let key { return UserDirectory.expanding(key, environment) }
    // A public half stands for a key that only the agent or a token holds.
    let usual = ["id_ed25519", "id_ecdsa", "id_rsa"].flatMap {
      ["~/.ssh/\($0)", "~/.ssh/\($0).pub"].map { UserDirectory.expanding($0, environment) }
    }
    if let key = usual.first(where: FileManager.default.fileExists(atPath:)) { return key }
    throw CallFailure(
      .usage,
      code: "usage.argument",
      message: "no key to sign with in ~/.ssh",
      hint: "name one with --key FILE"
    )
  }
}
