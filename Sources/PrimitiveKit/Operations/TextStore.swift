import Synchronization

/// Long texts under their SHA-256, so that a journal keeps each once.
///
/// A type whose coding finds a store in `userInfo[.textStore]` writes the hash and reads the text back from here.
package final class TextStore: Sendable {
  private let known = Mutex<[String: String]>([:])
  private let unsaved = Mutex<[String: String]>([:])

  package init(_ texts: [String: String] = [:]) { known.withLock { $0 = texts } }

  /// Keeps a text and answers its hash.
  package func intern(_ text: String) -> String {
    let hash = SHA256(hashing: text.utf8).hex
    let isNew = known.withLock { $0.updateValue(text, forKey: hash) == nil }
    if isNew { unsaved.withLock { $0[hash] = text } }
    return hash
  }

  /// The text of a hash; nil when it is not here.
  package func text(_ hash: String) -> String? { known.withLock { $0[hash] } }

  /// Adds texts that a journal already has.
  package func add(_ texts: [String: String]) { known.withLock { $0.merge(texts) { first, _ in first } } }

  /// Texts that no journal has yet; whoever takes them writes them.
  package func takeUnsaved() -> [String: String] {
    unsaved.withLock { texts in
      defer { texts = [:] }
      return texts
    }
  }

  /// Gives texts back that could not be written.
  package func putBack(_ texts: [String: String]) { unsaved.withLock { $0.merge(texts) { first, _ in first } } }
}

extension CodingUserInfoKey {
  /// Where a coder finds its `TextStore`.
  package static let textStore = CodingUserInfoKey(rawValue: "opsh.textStore").unsafelyUnwrapped
}
