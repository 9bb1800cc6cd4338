extension PersonDataset {
    /// Takes a file's attributes, and remarks on whoever has images or attributes only.
    mutating func attach(_ file: AttributeFile) {
        attributes = file.table
        remarks += file.notices.map { .attributeFile(path: file.path, reason: $0) }
        let known = Set(file.table.values.keys)
        var seen: Set<Int> = []
        for split in PersonDatasetSplit.allCases {
            // Distractors are nobody in particular.
            let people = Set(self[split].map(\.person)).subtracting(layout == .market1501 ? [0] : [])
            seen.formUnion(people)
            let without = people.subtracting(known).sorted()
            if !without.isEmpty { remarks.append(.withoutAttributes(split, people: without)) }
        }
        let idle = known.subtracting(seen).sorted()
        if !idle.isEmpty { remarks.append(.withoutImages(people: idle)) }
    }
}
