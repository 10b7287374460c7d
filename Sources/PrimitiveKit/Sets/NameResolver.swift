/// The names a site knows, as the set language needs them.
package protocol NameResolver {
  /// The set texts a group consists of, or nil for an unknown group.
  func group(_ name: String) -> [String]?
  /// Every group name, for hints.
  var groups: [String] { get }
  /// Every name, in the order of the site.
  var all: [String] { get }
  /// The names that carry a tag with this value.
  func tagged(_ key: String, _ value: String) -> [String]
  /// Replaces the names of one term before its operator applies, for example hosts by their bots.
  func mapped(_ names: NameSet) -> NameSet
}

extension NameResolver {
  package func mapped(_ names: NameSet) -> NameSet { names }
}
