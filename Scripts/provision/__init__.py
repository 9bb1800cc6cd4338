"""The part of Scripts/setup that fetches: libtorch, third-party weights, the example photo."""
