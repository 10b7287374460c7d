import Foundations

package import struct Foundation.Date

/// Names of runs: sortable by time and unlikely to repeat, for example `20261121-114502-6ca32b16`.
package enum RunID {
  package static func make(seed: UInt64, now: Date) -> String {
    let digits = Instant.text(Int64(now.timeIntervalSince1970) * 1000).filter(\.isNumber)
    let tail = String(UInt32(truncatingIfNeeded: seed ^ seed >> 32), radix: 16)
    return "\(digits.prefix(8))-\(digits.dropFirst(8))-\(String(repeating: "0", count: 8 - tail.count))\(tail)"
  }
}
