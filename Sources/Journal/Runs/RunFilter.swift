/// Which runs to list; a nil field lets every run pass.
package struct RunFilter: Sendable, Equatable {
  package var states: [RunState]?
  package var kinds: [RunKind]?
  package var name: String?
  package var parent: String?
  /// At most this many, the newest.
  package var limit: Int

  package init(
    states: [RunState]? = nil,
    kinds: [RunKind]? = nil,
    name: String? = nil,
    parent: String? = nil,
    limit: Int = 50
  ) {
    self.states = states
    self.kinds = kinds
    self.name = name
    self.parent = parent
    self.limit = limit
  }
}
