import Testing

@testable import LineEditor

struct RecallTests {
  private func recall(_ entries: String...) -> Recall {
    var recall = Recall()
    for entry in entries { recall.add(entry) }
    return recall
  }

  @Test func `the way back ends at the oldest, the way forth at what was typed`() {
    var recall = recall("one", "two")
    #expect(recall.previous(from: "draft") == "two")
    #expect(recall.previous(from: "two") == "one")
    #expect(recall.previous(from: "one") == nil)
    #expect(recall.next(from: "one") == "two")
    #expect(recall.next(from: "two") == "draft")
    #expect(recall.next(from: "draft") == nil)
  }

  @Test func `an entry changed on the way is as it was left, until the next entry`() {
    var recall = recall("one", "two")
    #expect(recall.previous(from: "") == "two")
    #expect(recall.previous(from: "two!") == "one")
    #expect(recall.next(from: "one") == "two!")
    recall.begin()
    #expect(recall.previous(from: "") == "two")
  }

  @Test func `the way goes on from an entry that a search found`() {
    var recall = recall("one", "two", "three")
    #expect(recall.previous(from: "two") == "one")
    #expect(recall.next(from: "two") == "three")
  }

  @Test func `only so many entries are kept`() {
    var recall = Recall()
    for number in 0..<(History.limit + 5) { recall.add("entry \(number)") }
    var text = ""
    while let before = recall.previous(from: text) { text = before }
    #expect(text == "entry 5")
  }
}
