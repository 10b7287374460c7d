import PrimitiveKit

/// The checks that every site has: what a host needs before anything on it can work.
enum HostChecks {
  static let all = [disk, inodes, clock, load]

  /// More than 80 % warns, more than 95 % is critical (REQUIREMENTS: alerts of seed 003).
  private static let disk = check(
    CheckDeclaration(
      "host.disk",
      "How full the file system with the account's home is",
      unit: "%",
      ok: [.to(80)],
      bad: [.above(95)]
    ),
    "df -Pk ~"
  ) { output, _ in filled(output) }

  private static let inodes = check(
    CheckDeclaration(
      "host.inodes",
      "How many of the inodes of that file system are used",
      unit: "%",
      ok: [.to(80)],
      bad: [.above(95)]
    ),
    "df -Pi ~"
  ) { output, _ in filled(output) }

  /// Hosts refuse epochs of locks from 5 min on (DESIGN section 6); logs are hard to compare long before.
  ///
  /// The answer was true somewhere between the question and its end: the longer that takes, the less it says.
  private static let clock = check(
    CheckDeclaration(
      "host.clock",
      "How far the clock of the host is from the clock here",
      unit: "s",
      ok: [.to(2)],
      bad: [.above(60)]
    ),
    "date +%s",
    patience: .seconds(1)
  ) { output, asked in
    guard let time = Int64(output.words.first ?? "").map(Double.init), output.words.count == 1 else {
      return Measured(nil, evidence: .string(output.start), note: "its clock reads '\(output.start)'")
    }
    // Whole seconds: the moment on the host is in [time, time + 1).
    let offset = time > asked.upperBound ? time - asked.upperBound : max(0, asked.lowerBound - time - 1)
    let most = max(offset, asked.upperBound - time - 1, time - asked.lowerBound)
    let evidence = [
      "host": time, "here": asked.lowerBound, "seconds": hundredths(asked.upperBound - asked.lowerBound),
    ]
    var measured = Measured(hundredths(offset), evidence: .table(evidence.mapValues { .number($0) }))
    measured.most = hundredths(most)
    return measured
  }

  private static let load = check(
    CheckDeclaration(
      "host.load",
      "Load average of the last 5 minutes per processor",
      unit: "per CPU",
      ok: [.below(1.5)],
      bad: [.from(4)]
    ),
    "cat /proc/loadavg; grep -c ^processor /proc/cpuinfo"
  ) { output, _ in
    let lines = output.split(separator: "\n")
    let words = lines.first?.split(separator: " ") ?? []
    guard words.count > 2, lines.count == 2, let load = Double(words[1]), let count = Double(lines[1]), load >= 0,
      count > 0
    else {
      return Measured(nil, evidence: .string(output.start), note: "its load reads '\(output.start)'")
    }
    return Measured((load / count * 100).rounded() / 100, evidence: .string(String(lines[0])))
  }

  private static func check(
    _ declaration: CheckDeclaration,
    _ command: String,
    patience: Duration? = nil,
    _ read: @escaping @Sendable (String, ClosedRange<Double>) -> Measured
  ) -> Check {
    let probe = HostProbe(command: command, patience: patience, read: read)
    return Check(declaration) { call throws(CallFailure) in
      await probe.measure(try call.surroundings.allHosts(), call)
    }
  }

  private static func hundredths(_ number: Double) -> Double { (number * 100).rounded() / 100 }

  /// The share in the second line of `df -P` (POSIX: the fifth column).
  private static func filled(_ output: String) -> Measured {
    let lines = output.split(separator: "\n")
    let words = lines.last?.split(separator: " ", omittingEmptySubsequences: true) ?? []
    guard lines.count == 2, words.count > 4, words[4].hasSuffix("%"), let share = Double(words[4].dropLast()) else {
      return Measured(nil, evidence: .string(output.start), note: "the file system does not report its use")
    }
    return Measured(share, evidence: .string(String(lines.last ?? "")))
  }
}

extension String {
  var words: [Substring] { split(whereSeparator: \.isWhitespace) }

  /// Its first words on one line, for what could not be read.
  var start: String { String(words.joined(separator: " ").prefix(80)) }
}
