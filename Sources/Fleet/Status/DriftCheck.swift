import PrimitiveKit
import Site

extension Check {
  /// Whether the host script that changes use is the one that this opsh installs (G-02).
  static let drift = Check(
    CheckDeclaration(
      "host.drift",
      "Whether the installed host script differs from the one opsh uses",
      unit: "scripts",
      ok: [.equals(0)],
      bad: [.from(1)]
    )
  ) { call throws(CallFailure) in
    let fleet = try Fleet(call.surroundings)
    return try await fleet.driftRecords("*").map { record in
      let evidence = Value.table(["ours": .string(record.ours), "theirs": .string(record.theirs)])
      return switch record.state {
      case "current": Measured(0, evidence: evidence, subject: record.host)
      case "changed": Measured(1, evidence: evidence, subject: record.host)
      // The first change installs it.
      case "missing": Measured(nil, subject: record.host, note: "the host script is not installed yet")
      default: Measured(nil, subject: record.host, note: record.note)
      }
    }
  }
}
