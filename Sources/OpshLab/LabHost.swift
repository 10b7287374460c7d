/// One host of a lab: a loopback address with a home directory and some bots.
package struct LabHost: Codable, Sendable, Equatable {
  package let name: String
  package let address: String
  /// The numbers of its bots, both ends included.
  package let firstBot: Int
  package let lastBot: Int
  /// `production` or `staging`.
  package let group: String
  /// A made-up availability zone: `a`, `b` or `c`.
  package let zone: String

  /// The names of its bots where they are those of a system.
  package var units: [String]?

  package var bots: [String] { units ?? (firstBot...lastBot).map { "bot\($0)" } }

  /// The bots in the short form of a selection, for example `bot[1-3]`.
  package var selection: String {
    if let units { return units.joined(separator: ",") }
    return firstBot == lastBot ? "bot\(firstBot)" : "bot[\(firstBot)-\(lastBot)]"
  }
}

extension LabHost {
  /// The staging trio of the operator guides (requirement R1-05).
  static let stagingBots = 898...900

  /// Lays out a lab: bots are numbered from 1 over the production hosts, staging comes last.
  static func roster(hosts: Int, botsPerHost: Int, staging: Bool, block: AddressBlock) -> [LabHost] {
    var roster = (0..<hosts).map { index in
      let number = String(index + 1)
      return LabHost(
        name: "web" + String(repeating: "0", count: max(0, 3 - number.count)) + number,
        address: block.host(index),
        firstBot: index * botsPerHost + 1,
        lastBot: (index + 1) * botsPerHost,
        group: "production",
        zone: ["a", "b", "c"][index % 3]
      )
    }
    if staging {
      // A lab so large that production reaches the trio's numbers has its staging bots after the last one.
      let first = max(stagingBots.lowerBound, hosts * botsPerHost + 1)
      roster.append(
        LabHost(
          name: "stage01",
          address: block.host(hosts),
          firstBot: first,
          lastBot: first + stagingBots.count - 1,
          group: "staging",
          zone: "a"
        )
      )
    }
    return roster
  }
}
