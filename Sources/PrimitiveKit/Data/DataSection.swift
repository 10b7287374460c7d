/// A part of a data file, `site.lua` or `system.lua`, that a domain reads itself.
///
/// Its keys stand at the top of the file, beside those of other sections. Two sections never share a key.
package protocol DataSection: Sendable, Equatable {
  /// The keys that it reads, for checks, hints and pages.
  static var keys: [DataKey] { get }

  /// What applies where the file sets nothing.
  init()

  /// Reads its keys; throws a `DataError` for the first field that is wrong.
  ///
  /// `file` is the whole table: what a section does not name in `keys` is none of its business.
  init(reading file: DataField, in site: any SiteNames) throws(DataError)
}

/// A part of `site.lua`.
package protocol SiteSection: DataSection {}

/// A part of `system.lua`, which says what opsh must know of one product (DESIGN section 11).
package protocol SystemSection: DataSection {}

/// One key of a data file.
package struct DataKey: Sendable, Equatable, ExpressibleByStringLiteral {
  package let name: String
  /// What it says, in half a sentence.
  package let help: String

  package init(_ name: String, _ help: String = "") {
    self.name = name
    self.help = help
  }

  package init(stringLiteral name: String) { self.init(name) }
}

/// The hosts and bots that a section may name.
package protocol SiteNames: Sendable {
  var hostNames: NameSet { get }
  var botNames: NameSet { get }
  /// The hosts of a selector by name, in the order of the site; throws what is wrong with the selector.
  func hosts(selecting selector: String) throws(CallFailure) -> [String]
  /// The bots of a selector by name; throws what is wrong with the selector.
  func bots(selecting selector: String) throws(CallFailure) -> [String]
}

/// The sections of one file, each under its type.
package struct DataSections: Sendable, Equatable {
  private var values: [ObjectIdentifier: any DataSection] = [:]

  package init() {}

  /// Reads every section of a file; keys that no section has are the caller's to refuse.
  package init(
    _ types: [any DataSection.Type],
    reading file: DataField,
    in site: any SiteNames
  ) throws(DataError) {
    for type in types { values[ObjectIdentifier(type)] = try type.init(reading: file, in: site) }
  }

  /// A section as the file says it, or as it is without a word.
  package subscript<Section: DataSection>(type: Section.Type) -> Section {
    get { values[ObjectIdentifier(type)] as? Section ?? Section() }
    set { values[ObjectIdentifier(type)] = newValue }
  }

  package static func == (left: DataSections, right: DataSections) -> Bool {
    left.values.count == right.values.count
      && left.values.allSatisfy { key, value in right.values[key].map { value.isEqual(to: $0) } ?? false }
  }
}

extension DataSection {
  fileprivate func isEqual(to other: any DataSection) -> Bool { other as? Self == self }
}
