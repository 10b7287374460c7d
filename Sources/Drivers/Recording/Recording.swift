package import Foundation
package import PrimitiveKit

/// The answers to the reads of a dry run, for dry runs where nothing can be reached.
package struct Recording: Sendable, Equatable {
  /// What `meta.json` says.
  package struct Meta: Codable, Sendable, Equatable {
    /// The version of the format; this opsh writes 2, and reads 1 as well.
    package let format: Int
    /// The name of the site it was recorded on.
    package let site: String
    /// When it was recorded, in whole seconds: the time of every replay.
    package let recorded: Date
    /// The version of opsh that recorded it.
    package let opsh: String
    /// What pseudonyms are made with; format 1 has none.
    let salt: String?
    /// Whether ids and money are kept as they were read; nil for no.
    let keepsValues: Bool?
    /// The folders beside `meta.json`; format 1 has `hosts`.
    var services: [String]?

    enum CodingKeys: String, CodingKey {
      case format, site, recorded, opsh, salt, services
      case keepsValues = "keeps_values"
    }

    /// A recording made now is of the newest format; fractions of a second are dropped.
    package init(site: String, recorded: Date, opsh: String, masks: Masks) {
      format = Recording.format
      self.site = site
      self.recorded = Date(timeIntervalSince1970: recorded.timeIntervalSince1970.rounded(.down))
      self.opsh = opsh
      salt = masks.salt
      keepsValues = masks.keepsValues ? true : nil
      services = nil
    }

    package var masks: Masks { Masks(salt: salt ?? "", keepsValues: keepsValues ?? false) }
  }

  static let format = 2

  package let meta: Meta
  package let reads: RecordedReads

  package init(meta: Meta, reads: RecordedReads) {
    self.meta = meta
    self.reads = reads
  }

  /// How many subjects of a service it holds answers of.
  package func count(of service: String) -> Int { reads[service]?.count ?? 0 }
  /// How many different reads it holds.
  package var readCount: Int { reads.values.flatMap(\.values).map(\.count).reduce(0, +) }
  /// For example `3 hosts, 1 databases`.
  package var subjects: String {
    reads.keys.sorted().map { "\(count(of: $0)) \($0 == HTTP.name ? "servers" : $0)" }.joined(separator: ", ")
  }
}
