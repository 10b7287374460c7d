import PrimitiveKit

extension ModelHost {
  /// An epoch as it is compared: one that was kept in plain seconds counts as seconds × 65536.
  static func scaled(_ epoch: Int) -> Int { epoch < 1_000_000_000_000 ? epoch * 65_536 : epoch }

  /// Why a lease may not change this host; nil when it may, and then its epoch is remembered when `raising`.
  mutating func refusal(of call: ModelCall, raising: Bool) -> CommandResult? {
    guard let given = Int(call["epoch"]) else { return nil }
    let (old, new) = (ModelHost.scaled(epoch), ModelHost.scaled(given))
    let (oldSeconds, newSeconds) = (old / 65_536, new / 65_536)
    if newSeconds < oldSeconds {
      return ModelHost.error(3, "host.stale_epoch", "the lock of \(newSeconds) is older than that of \(oldSeconds)")
    }
    let isOther = !call["journal"].isEmpty && !journal.isEmpty && call["journal"] != journal
    if old > 0, newSeconds == oldSeconds, new != old || isOther {
      let other = journal.isEmpty ? "unknown" : journal
      return ModelHost.error(3, "host.epoch_tied", "journal \(other) locked this host in the same second")
    }
    if newSeconds > oldSeconds + 300, newSeconds > now + 300 {
      return ModelHost.error(
        3,
        "host.epoch_ahead",
        "the lock was granted at \(newSeconds), but this host's clock says \(now)"
      )
    }
    if raising, new > old || !call["journal"].isEmpty { (epoch, journal) = (given, call["journal"]) }
    return nil
  }

  /// The verbs `epoch` and `fence`.
  mutating func fence(_ call: ModelCall) -> CommandResult {
    if call.verb == "epoch" {
      if let refusal = refusal(of: call, raising: false) { return refusal }
      return ModelHost.ended(
        "host\t-\tepoch=\(ModelHost.scaled(epoch))\tjournal=\(journal)\tnow=\(now)\trun=\(atWork)\n"
      )
    }
    if !call["reset"].isEmpty {
      guard call["reset"] == "\(ModelHost.scaled(epoch))" else {
        return ModelHost.error(3, "host.epoch_changed", "the epoch of this host is \(ModelHost.scaled(epoch))")
      }
      let before = (epoch, journal)
      (epoch, journal) = (0, "")
      if let refusal = refusal(of: call, raising: true) {
        (epoch, journal) = before
        return refusal
      }
    } else if let refusal = refusal(of: call, raising: true) {
      return refusal
    }
    return ModelHost.ended("host\t-\tepoch=\(call["epoch"])\trun=\(atWork)\n")
  }
}
