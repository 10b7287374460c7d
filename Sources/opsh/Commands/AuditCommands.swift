import Drivers
import JournalPrimitives
import PrimitiveKit
import Runbooks

extension Subcommand {
  /// The commands about the audit chain.
  static var aboutAudit: [Subcommand] { [verify, export, accept] }

  private static var verify: Subcommand {
    Subcommand(
      "audit verify",
      "checks the audit chain, and that rows match its records",
      CommandArgument<String?>.option(
        "head",
        "FILE",
        default: nil,
        "compare the chain with heads kept elsewhere, from a file or standard input (-)",
        completion: .files
      ),
      exits: [CommandExit(.ok, "the chain is intact"), CommandExit(.dataInvalid, "it is damaged, or cannot be read")],
      examples: [Example("opsh audit verify", "the whole chain")],
      shares: [.dryRun]
    ) { call, head async throws(CallFailure) in
      let audit = AuditWork(try call.work.runbooks.runs)
      guard let head else { return [try await audit.verify()] }
      let isInput = head == "-"
      let text = isInput ? try ScriptFile.readStandardInput() : try TextFile.read(head)
      return [try await audit.compare(heads: text, name: isInput ? "standard input" : head)]
    }
  }

  private static var export: Subcommand {
    Subcommand(
      "audit export",
      "prints the audit records as JSON Lines, oldest first",
      exits: [CommandExit(.ok, "ok"), CommandExit(.dataInvalid, "no site, or a journal that cannot be read")],
      examples: [Example("opsh audit export > audit.jsonl", "all records")]
    ) { call async throws(CallFailure) in
      try await AuditWork(try call.work.runbooks.runs).export { call.write($0 + "\n") }
      return []
    }
  }

  private static var accept: Subcommand {
    Subcommand(
      "audit accept",
      "accepts what `opsh audit verify` found, so that changes are allowed again; needs --reason",
      exits: [
        CommandExit(.ok, "accepted"), CommandExit(.lockRefused, "nothing to accept, or too many problems"),
        CommandExit(.dataInvalid, "the reason is blank"),
      ],
      examples: [Example("opsh audit accept --reason 'restored by hand'", "the audit keeps the reason")],
      shares: [.dryRun, .reason]
    ) { call async throws(CallFailure) in
      let audit = AuditWork(try call.work.runbooks.runs)
      let value = try await audit.accept(reason: call.surroundings.options.reason ?? "")
      return value == .null ? [] : [value]
    }
  }
}
