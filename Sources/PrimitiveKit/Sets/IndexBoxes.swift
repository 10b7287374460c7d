/// The numbers of all names of one pattern: a union of boxes, each the product of one `IndexRuns` per place.
///
/// A pattern without numbers holds one empty box, which counts as one name. Always folded, so equal sets are equal
/// values.
struct IndexBoxes: Hashable, Sendable {
  typealias Box = [IndexRuns]

  private(set) var boxes: [Box]

  init(_ unfolded: [Box]) {
    boxes = IndexBoxes.folded(unfolded)
  }

  var isEmpty: Bool { boxes.isEmpty }

  var count: Int { boxes.reduce(0) { $0 + IndexBoxes.size(of: $1) } }

  func union(_ other: IndexBoxes) -> IndexBoxes {
    IndexBoxes(boxes + other.boxes)
  }

  func intersection(_ other: IndexBoxes) -> IndexBoxes {
    var result: [Box] = []
    for left in boxes {
      for right in other.boxes {
        let box = zip(left, right).map { $0.intersection($1) }
        if !box.contains(where: \.isEmpty) { result.append(box) }
      }
    }
    return IndexBoxes(result)
  }

  func subtracting(_ other: IndexBoxes) -> IndexBoxes {
    var rest = boxes
    for hole in other.boxes {
      rest = rest.flatMap { IndexBoxes.cut(hole, from: $0) }
    }
    return IndexBoxes(rest)
  }

  func contains(_ indices: [IndexRuns.Run]) -> Bool {
    boxes.contains { box in zip(box, indices).allSatisfy { $0.contains($1) } }
  }

  /// The number of names in a box, `Int.max` when it does not fit.
  static func size(of box: Box) -> Int {
    var size = 1
    for runs in box {
      let (product, overflow) = size.multipliedReportingOverflow(by: runs.count)
      if overflow { return .max }
      size = product
    }
    return size
  }

  /// The pieces of a box outside a hole; the pieces are disjoint.
  private static func cut(_ hole: Box, from box: Box) -> [Box] {
    let common = zip(box, hole).map { $0.intersection($1) }
    guard !common.contains(where: \.isEmpty) else { return [box] }
    var pieces: [Box] = []
    for place in box.indices {
      let outside = box[place].subtracting(hole[place])
      guard !outside.isEmpty else { continue }
      pieces.append(Array(common[..<place]) + [outside] + Array(box[(place + 1)...]))
    }
    return pieces
  }
}
