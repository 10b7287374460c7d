import Foundations
import PrimitiveKit

extension JournalChange {
  /// Keeps an answer that a resumed run must get again; `json` is its text.
  func keep(_ json: String, of key: String, run: String) async throws(CallFailure) {
    try await query(
      """
      INSERT INTO reads(run, key, content) VALUES ($1, $2, $3)
      ON CONFLICT (run, key) DO UPDATE SET content = excluded.content
      """,
      [.text(run), .text(key), .text(json)]
    )
    try await audit(
      "read.keep",
      run: run,
      ["key": .string(key), "answer_sha256": .string(SHA256(hashing: json.utf8).hex)]
    )
  }
}
