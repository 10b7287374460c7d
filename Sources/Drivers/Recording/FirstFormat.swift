import PrimitiveKit

/// The recordings of format 1: hosts alone, each read with its command and input spelt out as two digests.
struct FirstFormat: Decodable {
  struct Read: Decodable {
    let command: String
    let command_sha256: String
    let input_sha256: String
    let answers: [Value]
  }

  let host: String
  let reads: [Read]

  /// The same reads as they are kept today.
  var recorded: [RecordedRead] {
    reads.map { read in
      let digests = ["command": read.command_sha256, "input": read.input_sha256]
      return RecordedRead(
        ReadQuestion(of: host, summary: read.command, digests: digests),
        answers: read.answers
      )
    }
  }
}
