package import Foundation

/// The answers of a fleet to the reads of a dry run, for dry runs without the fleet.
package struct Recording: Sendable, Equatable {
  /// What `meta.json` says.
  package struct Meta: Codable, Sendable, Equatable {
    /// The version of the format; this opsh reads and writes 1.
    package let format: Int
    /// The name of the site it was recorded on.
    package let site: String
    /// When it was recorded, in whole seconds: the time of every replay.
    package let recorded: Date
    /// The version of opsh that recorded it.
    package let opsh: String

    /// A recording made now is of the newest format; fractions of a second are dropped.
    package init(site: String, recorded: Date, opsh: String) {
      format = Recording.format
      self.site = site
      self.recorded = Date(timeIntervalSince1970: recorded.timeIntervalSince1970.rounded(.down))
      self.opsh = opsh
    }
  }

  static let format = 1

  package let meta: Meta
  /// By host name.
  var hosts: [String: [RecordedRead]]

  /// How many hosts it holds answers of.
  package var hostCount: Int { hosts.count }
  /// How many different reads it holds.
  package var readCount: Int { hosts.values.map(\.count).reduce(0, +) }
}
