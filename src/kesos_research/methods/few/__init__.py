"""One to ten treated units: tests that stay honest when the treated are few, noisier, or unlike the others."""
