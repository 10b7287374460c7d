/// How an operation gets to its target (DESIGN section 6).
package enum Lane: String, Sendable, Codable {
  /// Through admission, the locks of its scopes and the journal.
  case ordinary
  /// For stopping, aborting and killing: no lock, no epoch, no approval and no journal may stand in the way.
  case stop
}
