import Foundations

extension ProcessIdentity {
  /// Who did it, as every audit record says it.
  var auditText: JSONText {
    .object([
      "host": .string(host), "operator": .string(operatorName), "pid": .int(Int64(pid)), "tty": .string(tty),
      "user": .string(user),
    ])
  }

  /// Which program did it, as the first record of a run or of a resume says it.
  var programText: JSONText {
    .object([
      "boot": .string(boot), "sha256": .string(opshDigest), "start_ticks": .int(startTicks),
      "version": .string(opshVersion),
    ])
  }
}
