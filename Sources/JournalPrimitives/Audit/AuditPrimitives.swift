import PrimitiveKit

/// What was done, provably, and how well it was foretold.
struct AuditPrimitives: Sendable {
  let audit: AuditWork

  var all: [Primitive] {
    [
      Primitive(
        "audit.verify",
        "Checks that no audit record was edited, removed, reordered or cut off, and that rows match the records.",
        effect: .reads,
        returns:
          "The number of records, the problems, the tables the audit covers, and those it does not with the reason",
        examples: [Example("audit.verify()", "the whole chain")],
        topics: ["journal", "tamper", "chain"]
      ) { () async throws(CallFailure) in
        try await audit.verify()
      },

      Primitive(
        "fidelity",
        "Shows how often plans predicted what happened, by kind of change.",
        effect: .reads,
        returns: "One record per kind",
        examples: [Example("fidelity()", "over all runs")],
        topics: ["dry run", "prediction", "plan"]
      ) { () async throws(CallFailure) in
        try await audit.fidelity()
      },
    ]
  }
}
