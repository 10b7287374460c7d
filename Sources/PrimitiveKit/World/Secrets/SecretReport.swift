/// What is known of a secret without its value.
package struct SecretReport: Record, Equatable {
  package let name: String
  /// Where it lives, for example `file ~/.config/opsh/pager`.
  package let place: String
  /// Who may read that place; empty where nobody can tell.
  package var readers = ""
  /// Whether git tracks the file: `yes`, `no` or `unknown`; empty for what is no file.
  package var tracked = ""
  /// When the file was last changed, in milliseconds since 1970.
  package var changed: Int64?
  /// Whether its value is masked in what hosts answer: `yes`, `no: …`, or that it was not read yet.
  package var masked = ""
  /// What is wrong with it; empty for nothing.
  package var problem = ""

  package init(name: String, place: String) { (self.name, self.place) = (name, place) }

  package static var luaType: String { "secret.Place" }
  package static let columns: [Column<Self>] = [
    Column(\.name, "name", "Name"),
    Column(\.place, "place", "Where it lives"),
    Column(\.readers, "readers", "Who may read that place"),
    Column(\.tracked, "tracked", "Whether git tracks the file: yes, no or unknown"),
    Column(time: "changed", "When the file was last changed") { $0.changed },
    Column(\.masked, "masked", "Whether its value is masked in the output of hosts; under 6 bytes it is not"),
    Column(\.problem, "problem", "What is wrong with it; empty when nothing is"),
  ]
}
